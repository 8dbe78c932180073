"""
What a project's pytest configuration calls the tables and columns of its catalog, for commands that run without pytest.

Which file is asked: pytest documentation, "Initialization: determining rootdir and configfile". Each is looked for in
the working directory, then in those above it; the first that configures pytest counts.
"""

import configparser
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_darkhost.catalog.names import INI
from pytest_darkhost.errors import UsageError


def names_in_project(start: Path) -> tuple[str, ...]:
    """
    Return the lines of ini `darkhost_catalog_names`; none where no file says so.

    :raises UsageError: a file cannot be read.
    """
    for directory in (start, *start.parents):
        for name, read in _FILES.items():
            found = _configured(directory / name, read)
            if found is not None:
                return tuple(_lines(found.get(INI, ())))
    return ()


def overridden(said: Sequence[str], typed: Sequence[str]) -> tuple[str, ...]:
    """Return lines of ini without those whose names are typed, and what is typed."""
    keys = {_key(line) for line in typed}
    return (*(line for line in said if _key(line) not in keys), *typed)


def _key(line: str) -> str:
    return line.partition("=")[0].strip()


def _lines(value: Any) -> Sequence[str]:
    return value.splitlines() if isinstance(value, str) else tuple(map(str, value))


def _configured(file: Path, read: Callable[[str], Mapping[str, Any] | None]) -> Mapping[str, Any] | None:
    """Return what a file says to pytest, `None` where it is not there or says nothing."""
    if not file.is_file():
        return None
    try:
        return read(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, configparser.Error) as error:
        msg = f"{file}: it cannot be read ({' '.join(str(error).split())}), expected pytest's configuration"
        raise UsageError(msg) from None


def _ini(text: str, section: str) -> Mapping[str, Any] | None:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(text)
    return dict(parser[section]) if parser.has_section(section) else None


def _pyproject(text: str) -> Mapping[str, Any] | None:
    """Return `[tool.pytest.ini_options]`, or `[tool.pytest]` as pytest has it since 9.0."""
    table = tomllib.loads(text).get("tool", {}).get("pytest", {})
    own: Mapping[str, Any] = table.get("ini_options") or table
    return own if table else None


def _always(read: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return what a file of pytest's own says: it counts even where that is nothing."""
    return read or {}


_FILES: Mapping[str, Callable[[str], Mapping[str, Any] | None]] = {
    "pytest.toml": lambda text: _always(tomllib.loads(text).get("pytest")),
    ".pytest.toml": lambda text: _always(tomllib.loads(text).get("pytest")),
    "pytest.ini": lambda text: _always(_ini(text, "pytest")),
    ".pytest.ini": lambda text: _always(_ini(text, "pytest")),
    "pyproject.toml": _pyproject,
    "tox.ini": lambda text: _ini(text, "pytest"),
    "setup.cfg": lambda text: _ini(text, "tool:pytest"),
}
