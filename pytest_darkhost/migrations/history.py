"""
An Alembic history: its revisions from base to head, and what is wrong with it as a whole. Runs no revision.
"""

import os
import tempfile
import traceback
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING

from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.ini import Place
from pytest_darkhost.migrations.isolation import variables
from pytest_darkhost.migrations.offers import ONCE
from pytest_darkhost.migrations.own_modules import imported_anew, refuses_again
from pytest_darkhost.specs.source import shown_file

if TYPE_CHECKING:
    from alembic.script import Script


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision file."""

    id: str
    path: Path
    shown: str
    """The file as messages name it."""
    title: str
    """The first line of its docstring."""
    down: tuple[str, ...]
    """The revisions directly below: none for a base, several for a merge."""
    needs: tuple[str, ...]
    """What it depends on besides (`depends_on`)."""
    module: ModuleType

    @property
    def below(self) -> tuple[str, ...]:
        """Every revision that must be run before this one, directly."""
        return (*self.down, *self.needs)

    @property
    def may_declare(self) -> bool:
        """Whether the file has the word `darkhost`: most have not, and none of those is parsed."""
        return b"darkhost" in self.path.read_bytes()


@dataclass(frozen=True, slots=True)
class History:
    """All revisions of one configuration."""

    place: Place
    revisions: tuple[Revision, ...]
    """Each after all that it builds on."""
    heads: tuple[str, ...]

    def get(self, revision_id: str) -> Revision:
        """Return a revision. Raises `KeyError`."""
        return next(each for each in self.revisions if each.id == revision_id)


def load(place: Place, root: Path, environ: Mapping[str, str] = MappingProxyType({})) -> History:
    """
    Return the history at a place; its revision files are imported.

    :param environ: variables that `env.py` is told. A module of the team's own that reads them is imported anew by it.
    :raises HistoryError: a revision cannot be read, is there twice, or builds on one that is not there.
    """
    with warnings.catch_warnings(record=True) as said, chdir(place.start), _importing(place, environ):
        warnings.simplefilter("always")
        try:
            scripts = [] if not place.versions else list(place.script.walk_revisions())
            heads = tuple(place.script.get_heads())
        except (Exception, SystemExit) as error:  # a revision file may raise anything when it is imported
            said_by, to_do = f"{type(error).__name__}: {error}", ONCE if refuses_again(error, environ) else ""
            raise _error(place, root, said_by, _raised_in(error, place), to_do) from None
    doubts = [str(each.message) for each in said if "present" in str(each.message)]
    if doubts:
        raise _error(place, root, doubts[0])
    if not scripts:
        places = ", ".join(map(str, place.versions)) or f"{place.script.dir}/versions"
        msg = f"{place.shown}: there is no revision in {places}, expected the files of an Alembic history"
        raise HistoryError(msg)
    return History(place, tuple(_revision(script, root) for script in reversed(scripts)), heads)


@contextmanager
def _importing(place: Place, environ: Mapping[str, str]) -> Iterator[None]:
    """
    Have the variables. One that names the database is left as it is, if it is there, as by `alembic history`.

    Else it names a file that nobody has: there is no database yet, and a default of the team's own is not to be used.
    """
    if not environ:
        yield
        return
    told = {name: value for name, value in environ.items() if "{url}" not in value or name not in os.environ}
    with tempfile.TemporaryDirectory(prefix="darkhost-") as nowhere, imported_anew(place.start):
        url = f"sqlite:///{nowhere}/nothing.sqlite"
        with variables({name: value.replace("{url}", url) for name, value in told.items()}):
            yield


def _error(
    place: Place, root: Path, said: str, raised_in: traceback.FrameSummary | None = None, to_do: str = ""
) -> HistoryError:
    from pytest_darkhost.migrations.faults import find_fault

    fault = find_fault(place.versions, root)
    if fault:
        return HistoryError(fault)
    told = " ".join(said.split())
    if raised_in:
        at = f"{shown_file(Path(raised_in.filename), root)}:{raised_in.lineno}"
        importable = f"expected a revision that can be imported as alembic does from {place.start}"
        return HistoryError(f"{at}: {told}, {to_do or importable}")
    return HistoryError(f"{place.shown}: {told}, expected a history that Alembic can read")


def _raised_in(error: BaseException, place: Place) -> traceback.FrameSummary | None:
    """Return the line of a revision file through which an error passed last."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if any(Path(each.filename).is_relative_to(versions) for versions in place.versions)]
    return own[-1] if own else None


def _revision(script: "Script", root: Path) -> Revision:
    path = Path(script.path)  # Alembic has followed its links
    down, needs = script.down_revision, script.dependencies
    return Revision(
        id=script.revision,
        path=path,
        shown=shown_file(path, root),
        title=next(iter((script.doc or "").splitlines()), ""),
        down=_texts(down),
        needs=_texts(needs),
        module=script.module,
    )


def _texts(value: str | Iterable[str] | None) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)
