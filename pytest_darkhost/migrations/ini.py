"""
An Alembic configuration as `alembic` itself would read it from its file's directory. Runs nothing, imports no revision.
"""

import configparser
import inspect
import os
import tomllib
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_darkhost.errors import HistoryError

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

PYPROJECT = "pyproject.toml"


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


def locate(ini: Path, root: Path) -> Place:
    """
    Return where the history of a configuration file is.

    :raises HistoryError: there is no such file, it cannot be read, or it names no directory of scripts.
    """
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    path = Path(os.path.abspath(root / ini))  # noqa: PTH100 - links are kept
    shown = _shown(path, root)
    _require_readable(path, shown)
    try:
        with warnings.catch_warnings(action="ignore"):  # of old ways in the configuration: `alembic` itself tells them
            script = ScriptDirectory.from_config(configuration(path))
        versions = tuple(Path(place) for place in script.version_locations or (Path(script.dir, "versions"),))
    except (CommandError, configparser.Error, ValueError) as error:
        said = " ".join(str(error).split())
        msg = f"{shown}: {said}, expected a configuration of Alembic with 'script_location'"
        raise HistoryError(msg) from None
    env = _shown(Path(os.path.abspath(script.dir)) / "env.py", root)  # noqa: PTH100 - as above
    return Place(path, shown, env, script, tuple(place.resolve() for place in versions if place.is_dir()))


def configuration(path: Path) -> "Config":
    """
    Return Alembic's configuration of a file, with relative paths taken from the file's own directory.

    An `alembic.ini` is completed by `[tool.alembic]` of the `pyproject.toml` beside it, as `alembic` does since 1.16.
    """
    from alembic.config import Config

    toml = path if path.name == PYPROJECT else path.with_name(PYPROJECT)
    knows_toml = "toml_file" in inspect.signature(Config).parameters
    further: dict[str, Any] = {"toml_file": str(toml)} if knows_toml and _has_alembic(toml) else {}
    config = Config(None if path.name == PYPROJECT else str(path), **further)
    for key in ("script_location", "prepend_sys_path"):
        value = config.get_alembic_option(key) if further else config.get_main_option(key)
        if value and (absolute := _absolute(value, path.parent, key)) != value:
            config.set_main_option(key, absolute.replace("%", "%%"))
    return config


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _absolute(value: str, here: Path, key: str) -> str:
    """Return a relative path from the file's directory, if it is there; packages (`app:migrations`) stay."""
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


def _has_alembic(toml: Path) -> bool:
    try:
        return "alembic" in tomllib.loads(toml.read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError):
        return False
