"""
Rows from an SQL file: its statements, run one after the other, with the line of the one that fails.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pytest_darkhost.catalog.failures import said
from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.rows.putting import advance
from pytest_darkhost.migrations.rows.schema import tables_for
from pytest_darkhost.specs.source import decoded

# What may hold a semicolon that ends no statement; then the semicolon itself.
_TOKEN = re.compile(
    r"""[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*`
    | --[^\n]* | /\*.*?\*/ | (?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag) | (?P<end>;)""",
    re.DOTALL | re.VERBOSE,
)
_SPACE = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/|^\\[^\n]*(?:\n|$))+", re.DOTALL | re.MULTILINE)
# What `pg_dump` says to its own session: it must not outlive the file. And transactions are ours.
_LEFT_OUT = re.compile(r"(?:set\s|select\s+pg_catalog\.set_config|begin\b|commit\b|start\s+transaction)", re.IGNORECASE)
_COPY = re.compile(r"copy\s.*\sfrom\s+stdin", re.IGNORECASE | re.DOTALL)
_INTO = re.compile(r'insert\s+(?:or\s+\w+\s+)?into\s+((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?)', re.IGNORECASE)
_REVISION = re.compile(r"^--\s*revision:\s*(\S+)\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a file."""

    line: int
    """1-based, where it begins."""
    text: str


@dataclass(frozen=True, slots=True)
class SqlFile:
    """An SQL file that was read."""

    name: str
    statements: tuple[Statement, ...]
    revision: str | None
    """What a comment `-- revision: 0002` says."""


def read_sql(path: Path, name: str) -> SqlFile:
    """Return the statements of a file. Raises `UsageError` for one that cannot be run, such as COPY from stdin."""
    text = decoded(path.read_bytes(), name)
    found = _REVISION.search(text)
    said_there = tuple(each for each in statements(text) if not _LEFT_OUT.match(each.text))
    for each in said_there:
        if _COPY.match(each.text):
            msg = f"{name}:{each.line}: COPY reads from stdin, expected INSERT statements. Use pg_dump --inserts"
            raise UsageError(msg)
    if not said_there:
        msg = f"{name}:1: there is no statement, expected INSERT statements"
        raise UsageError(msg)
    return SqlFile(name, said_there, found[1] if found else None)


def run_sql(connection: Connection, file: SqlFile) -> None:
    """Run the statements in the connection's transaction. Raises `UsageError` for the first that fails."""
    for each in file.statements:
        try:
            connection.exec_driver_sql(_escaped(connection, each.text))
        except DBAPIError as error:
            msg = f"{file.name}:{each.line}: the database refuses the statement ({said(error)}), expected one that fits"
            raise UsageError(msg) from None
    names = dict.fromkeys(_unquoted(found[1]) for each in file.statements if (found := _INTO.match(each.text)))
    for table in tables_for(connection, names, file.name).values():
        advance(connection, table)


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a script, each with its line."""
    start = 0
    for found in _TOKEN.finditer(text):
        if found["end"]:
            yield from _statement(text, start, found.start())
            start = found.end()
    yield from _statement(text, start, len(text))


def _statement(text: str, start: int, end: int) -> Iterator[Statement]:
    """Yield what stands between two places, without blanks and comments in front."""
    blank = _SPACE.match(text, start)
    begin = min(blank.end(), end) if blank else start
    said_text = text[begin:end].strip()
    if said_text:
        yield Statement(text.count("\n", 0, begin) + 1, said_text)


def _unquoted(name: str) -> str:
    return name.replace('"', "")


def _escaped(connection: Connection, text: str) -> str:
    """Return a statement for a driver that takes `%` for a place of a parameter even where there are none."""
    return text.replace("%", "%%") if connection.dialect.paramstyle in {"format", "pyformat"} else text
