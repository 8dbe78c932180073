"""
What the user may type or configure of migrations. Each option has an ini twin.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from pytest_darkhost.errors import UsageError
from pytest_darkhost.suite.settings import absolute

OPTIONS = (
    "--darkhost-alembic",
    "--darkhost-database",
    "--darkhost-since",
    "--darkhost-rows",
    "--darkhost-rows-from",
    "--darkhost-rows-table",
    "--darkhost-baseline",
)
_ZERO_ROWS = ("warning", "error")


@dataclass(frozen=True, slots=True)
class MigrationSettings:
    """Everything that the user set of migrations, read once."""

    inis: tuple[Path, ...]
    """Configurations of Alembic, absolute; empty: nothing is run."""
    databases: tuple[str, ...]
    """`sqlite`, `postgresql`, or URLs; empty: those that the history itself names."""
    since: str | None
    rows: Path | None
    rows_from: str | None
    rows_tables: tuple[str, ...]
    """What is copied from there; empty: the catalog's own tables."""
    rows_limit: int | None
    """How many rows each of them may have; `None`: as many as usual."""
    baseline: Path | None
    x: tuple[str, ...]
    environ: Mapping[str, str]
    strict_rows: bool


def add_options(parser: pytest.Parser) -> None:
    """Declare the options and ini values."""
    group = parser.getgroup("darkhost-migrations", "proving Alembic migrations")
    group.addoption(
        "--darkhost-alembic",
        action="append",
        default=[],
        metavar="INI",
        help="round-trip the revisions of this Alembic configuration, such as alembic.ini; repeatable",
    )
    group.addoption(
        "--darkhost-database",
        action="append",
        default=[],
        metavar="NAME|URL",
        help="sqlite, postgresql (embedded), or the URL of a server on which databases may be created; repeatable",
    )
    group.addoption("--darkhost-since", metavar="REV", help="judge revisions above this one, or newer than a git ref")
    group.addoption("--darkhost-rows", metavar="FILE", help="production-shaped rows (SQL, JSON or YAML) to run on")
    group.addoption("--darkhost-rows-from", metavar="URL", help="a database to copy production-shaped rows from")
    group.addoption(
        "--darkhost-rows-table",
        action="append",
        default=[],
        metavar="TABLE",
        help="a table that is copied from there, instead of the catalog's own; repeatable",
    )
    group.addoption("--darkhost-baseline", metavar="FILE", help="accepted findings, each with owner, reason and expiry")
    _add_ini(parser)


def _add_ini(parser: pytest.Parser) -> None:
    parser.addini("darkhost_alembic", "as --darkhost-alembic", type="paths", default=[])
    parser.addini("darkhost_database", "as --darkhost-database", type="args", default=[])
    parser.addini("darkhost_since", "as --darkhost-since", default="")
    parser.addini("darkhost_rows", "as --darkhost-rows", default="")
    parser.addini("darkhost_rows_from", "as --darkhost-rows-from", default="")
    parser.addini("darkhost_rows_tables", "as --darkhost-rows-table", type="args", default=[])
    parser.addini("darkhost_rows_limit", "how many rows a copied table may have", default="")
    parser.addini("darkhost_baseline", "as --darkhost-baseline", default="")
    parser.addini("darkhost_alembic_x", "as after 'alembic -x'; {url} is the database", "linelist", default=[])
    parser.addini(
        "darkhost_alembic_env",
        "environment variables for env.py, such as 'DATABASE_URL = {url}'; {url} is the database",
        type="linelist",
        default=[],
    )
    parser.addini(
        "darkhost_zero_rows",
        "what an UPDATE or DELETE that touches no row is where nothing is activated: warning or error",
        default=_ZERO_ROWS[0],
    )


def read_migration_settings(config: pytest.Config) -> MigrationSettings:
    """
    Return what the user set of migrations. Options win over ini values.

    :raises UsageError: a value cannot be used.
    """
    option, ini = config.option, config.getini
    here = config.invocation_params.dir
    rows_from = option.darkhost_rows_from or ini("darkhost_rows_from") or None
    return MigrationSettings(
        inis=_once(absolute(here / name) for name in option.darkhost_alembic) or _once(ini("darkhost_alembic")),
        databases=tuple(dict.fromkeys(option.darkhost_database or ini("darkhost_database"))),
        since=option.darkhost_since or ini("darkhost_since") or None,
        rows=_path(config, "rows"),
        rows_from=rows_from,
        rows_tables=_tables(option.darkhost_rows_table, ini("darkhost_rows_tables"), rows_from),
        rows_limit=_limit(ini("darkhost_rows_limit")),
        baseline=_path(config, "baseline"),
        x=tuple(ini("darkhost_alembic_x")),
        environ=_environ(ini("darkhost_alembic_env")),
        strict_rows=_zero_rows(ini("darkhost_zero_rows")) == "error",
    )


def _once(paths: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(paths))


def _path(config: pytest.Config, name: str) -> Path | None:
    """Return a file: an option's from where pytest was started, an ini's from the root directory."""
    typed = getattr(config.option, f"darkhost_{name}")
    if typed:
        return absolute(config.invocation_params.dir / typed)
    said = config.getini(f"darkhost_{name}")
    return absolute(config.rootpath / said) if said else None


def _tables(typed: Sequence[str], said: Sequence[str], rows_from: str | None) -> tuple[str, ...]:
    if typed and rows_from is None:
        msg = f"--darkhost-rows-table {typed[0]}: there is no database to copy it from, expected --darkhost-rows-from"
        raise UsageError(msg)
    return tuple(dict.fromkeys(typed or said))


def _limit(text: str) -> int | None:
    if not text:
        return None
    if not (text.isdecimal() and int(text)):
        msg = f"darkhost_rows_limit: {text!r} is not valid, expected a number of rows, such as 100000"
        raise UsageError(msg)
    return int(text)


def _environ(lines: list[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, equals, value = (part.strip() for part in line.partition("="))
        if not (name and equals):
            msg = f"darkhost_alembic_env: {line!r} is no variable, expected such as 'DATABASE_URL = {{url}}'"
            raise UsageError(msg)
        found[name] = value
    return MappingProxyType(found)


def _zero_rows(word: str) -> str:
    if word not in _ZERO_ROWS:
        msg = f"darkhost_zero_rows: {word!r} is not valid, expected one of {', '.join(_ZERO_ROWS)}"
        raise UsageError(msg)
    return word
