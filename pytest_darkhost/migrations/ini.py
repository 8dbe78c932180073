"""
An Alembic configuration as `alembic` itself would read it from its file's directory. Runs nothing, imports no revision.
"""

import configparser
import inspect
import os
import tomllib
import warnings
from collections.abc import Iterator
from contextlib import chdir, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.drivers import own_driver
from pytest_darkhost.specs.source import shown_file

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

PYPROJECT = "pyproject.toml"
_PATHS = ("script_location", "prepend_sys_path")
_OF_HISTORIES = frozenset({"script_location", "version_locations"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a history is: its configuration and the directories of its revisions."""

    ini: Path
    """`alembic.ini`, or a `pyproject.toml` that has `[tool.alembic]`; absolute."""
    shown: str
    """The file as messages name it, relative to the root directory."""
    env: str
    """`env.py` as messages name it."""
    script: "ScriptDirectory"
    versions: tuple[Path, ...]
    """The directories that hold revisions, absolute; those that exist."""
    start: Path
    """The directory in which `alembic` is started."""
    driver: str
    """What the team's own URL begins with: `postgresql+psycopg2`; nothing without one."""


def locate(ini: Path, root: Path) -> Place:
    """
    Return where the history of a configuration file is.

    :raises HistoryError: there is no such file, it cannot be read, or it names no directory of scripts.
    """
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    path = Path(os.path.abspath(root / ini))  # noqa: PTH100 - links are kept
    shown = shown_file(path, root)
    _require_readable(path, shown)
    try:
        config, start = _read(path)
        # What is warned of are old ways in the configuration: `alembic` itself tells them.
        with warnings.catch_warnings(action="ignore"), chdir(start):
            script = ScriptDirectory.from_config(config)
            versions = tuple(_versions(script))
    except (CommandError, configparser.Error, ValueError) as error:
        named = _named_sections(path)
        said = f"there is no section [alembic], but {named}" if named else " ".join(str(error).split())
        to_do = ". Write an ini of its own for each, with that section named [alembic]" if named else ""
        msg = f"{shown}: {said}, expected a configuration of Alembic with 'script_location'{to_do}"
        raise HistoryError(msg) from None
    env = shown_file(Path(os.path.abspath(script.dir)) / "env.py", root)  # noqa: PTH100 - as above
    return Place(path, shown, env, script, versions, start, own_driver(config))


def configuration(path: Path) -> "Config":
    """
    Return Alembic's configuration of a file, with relative paths taken from where `alembic` is started.

    An `alembic.ini` is completed by `[tool.alembic]` of the `pyproject.toml` beside it, as `alembic` does since 1.16.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple["Config", Path]:
    """Return the configuration of a file, and the directory in which `alembic` is started."""
    from alembic.config import Config

    toml = path if path.name == PYPROJECT else path.with_name(PYPROJECT)
    knows_toml = "toml_file" in inspect.signature(Config).parameters
    further: dict[str, Any] = {"toml_file": str(toml)} if knows_toml and _has_alembic(toml) else {}
    config = Config(None if path.name == PYPROJECT else str(path), **further)
    said = {key: config.get_alembic_option(key) if further else config.get_main_option(key) for key in _PATHS}
    if not said["script_location"] and path.with_name("env.py").is_file():
        said["script_location"] = path.parent.name  # as Flask-Migrate says it: its ini is among the scripts
    start = _start(path.parent, said["script_location"] or "")
    for key, value in said.items():
        if value and (absolute := _absolute(value, start, key)) != value:
            config.set_main_option(key, absolute.replace("%", "%%"))
    return config, start


def _start(here: Path, location: str) -> Path:
    """
    Return the nearest directory, from the file's own upwards, in which a relative `script_location` is found.

    A file beside its scripts may name them as they are seen from the root of the repository.
    """
    if not location or Path(location).is_absolute():
        return here
    return next((each for each in (here, *here.parents) if (each / location).is_dir()), here)


def _versions(script: "ScriptDirectory") -> Iterator[Path]:
    """Yield the directories of revisions that exist, those of packages (`app:migrations/versions`) included."""
    from alembic.util import coerce_resource_to_filename

    for place in script.version_locations or (Path(script.dir, "versions"),):
        found = Path(coerce_resource_to_filename(str(place))).resolve()
        if found.is_dir():
            yield found


def _absolute(value: str, here: Path, key: str) -> str:
    """Return a relative path as seen from a directory, if it is there; packages (`app:migrations`) stay."""
    if key == "prepend_sys_path" and value.strip() != ".":
        return value
    return str(here / value) if (here / value).exists() else value


def _require_readable(path: Path, shown: str) -> None:
    if not path.is_file():
        msg = f"{shown}: there is no such file, expected the configuration of an Alembic history (--darkhost-alembic)"
        raise HistoryError(msg)
    if path.name == PYPROJECT and not _has_alembic(path):
        msg = f"{shown}: there is no table [tool.alembic], expected the configuration of an Alembic history"
        raise HistoryError(msg)


def _named_sections(path: Path) -> str:
    """Return the sections of histories among which `alembic -n NAME` chooses; nothing where there is `[alembic]`."""
    parser = configparser.RawConfigParser(default_section="")  # what [DEFAULT] says is no section's own
    with suppress(configparser.Error, ValueError):
        parser.read(path, encoding="utf-8")
    own = [each for each in parser.sections() if each != configparser.DEFAULTSECT and _OF_HISTORIES & {*parser[each]}]
    return "" if parser.has_section("alembic") else ", ".join(f"[{each}]" for each in own)


def _has_alembic(toml: Path) -> bool:
    try:
        return "alembic" in tomllib.loads(toml.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError):
        return False
