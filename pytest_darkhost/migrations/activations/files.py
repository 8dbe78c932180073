"""
Revision files, made by Alembic's own `ScriptDirectory` from our templates and put in place all at once, or not at all.
"""

import itertools
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError, rev_id

from pytest_darkhost.errors import ArgumentError, UsageError
from pytest_darkhost.migrations.activations.python_text import quoted

_TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True, slots=True)
class Draft:
    """A revision that is to be written."""

    revision: str
    template: str
    """A directory of `templates/`."""
    message: str
    """What Alembic makes the file's name from."""
    parts: Mapping[str, Any]
    """What the template is filled with."""


@dataclass(frozen=True, slots=True)
class History:
    """An Alembic history, as far as a new revision must know it."""

    script: ScriptDirectory
    head: str | None
    directory: Path
    """Where the file goes."""

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all revisions."""
        return frozenset(revision.revision for revision in self.script.walk_revisions())

    def next_ids(self, count: int) -> tuple[str, ...]:
        """Return ids for new revisions: counted on where the head's is a number, else as Alembic makes them."""
        taken = self.ids
        if self.head and self.head.isdigit():
            width, following = len(self.head), itertools.count(int(self.head) + 1)
            free = (f"{number:0{width}d}" for number in following if f"{number:0{width}d}" not in taken)
            return tuple(itertools.islice(free, count))
        return tuple(rev_id() for _ in range(count))


def history(ini: Path) -> History:
    """
    Return the history that an `alembic.ini` names. Its revisions are imported, as Alembic does; `env.py` is not.

    :raises ArgumentError: there is no such file.
    :raises UsageError: there is no such history, it is broken, or has not one head.
    """
    if not ini.is_file():
        msg = f"{ini}: there is no such file, expected an alembic.ini. Name it with --alembic"
        raise ArgumentError(msg)
    try:
        script = ScriptDirectory.from_config(Config(str(ini)))
        heads = script.get_heads()
    except Exception as error:  # a revision that is imported may raise anything
        msg = f"{ini}: the history cannot be read ({type(error).__name__}: {_first_line(error)}), expected a sound one"
        raise UsageError(msg) from None
    if len(heads) > 1:
        named = ", ".join(sorted(heads))
        msg = f"{ini}: the history has the heads {named}, expected one. Merge them with 'alembic merge'"
        raise UsageError(msg)
    head = heads[0] if heads else None
    found = script.get_revision(head) if head else None
    directory = Path(found.path).parent if found else Path(script.versions)
    return History(script, head, directory)


@contextmanager
def written(drafts: Sequence[Draft], into: History) -> Iterator[tuple[Path, ...]]:
    """
    Yield the files of drafts in a temporary directory beside their place. They go when the block ends.

    The hooks of `alembic.ini`, such as a formatter, are run on them there.
    """
    with tempfile.TemporaryDirectory(prefix=".darkhost-", dir=_existing(into.directory)) as scratch:
        yield tuple(_generated(draft, into.script, Path(scratch)) for draft in drafts)


def place(files: Sequence[Path], directory: Path) -> tuple[Path, ...]:
    """
    Return the places of files that were moved into a directory: all of them, or none.

    :raises UsageError: one is there already. Nothing is overwritten.
    """
    directory.mkdir(parents=True, exist_ok=True)
    placed: list[Path] = []
    try:
        for file in files:
            target = directory / file.name
            _link(file, target)
            placed.append(target)
    except FileExistsError:
        for target in placed:
            target.unlink()
        msg = f"{directory / files[len(placed)].name}: the file is there already, expected none. It stays as it was"
        raise UsageError(msg) from None
    return tuple(placed)


def _generated(draft: Draft, script: ScriptDirectory, scratch: Path) -> Path:
    templates = ScriptDirectory(
        str(_TEMPLATES / draft.template),
        file_template=script.file_template,
        truncate_slug_length=script.truncate_slug_length,
        version_locations=[str(scratch), *(script.version_locations or [script.versions])],
        recursive_version_locations=script.recursive_version_locations,
        timezone=script.timezone,
        hooks=script.hooks,
        messaging_opts={"quiet": True},
    )
    try:
        made = templates.generate_revision(
            draft.revision, draft.message, version_path=str(scratch), q=quoted, **draft.parts
        )
    except CommandError as error:
        msg = f"revision {draft.revision}: Alembic does not make it ({_first_line(error)}), expected it to"
        raise UsageError(msg) from None
    if made is None:
        msg = f"revision {draft.revision}: the file is not taken for one, expected it. See file_template in alembic.ini"
        raise UsageError(msg)
    return Path(made.path)


def _link(file: Path, target: Path) -> None:
    """Put a file in a place where there is none. Raises `FileExistsError`, which a rename would not."""
    try:
        os.link(file, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with target.open("xb") as copy:
            copy.write(file.read_bytes())


def _existing(directory: Path) -> Path:
    """Return the directory, or the nearest one above it that exists."""
    return next(place for place in (directory, *directory.parents) if place.is_dir())


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0]
