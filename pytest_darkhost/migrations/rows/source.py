"""
Where production-shaped rows come from: a file, or another database. Both give a revision, and a way to put them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from pytest_darkhost.errors import UsageError

_DOCUMENTS = frozenset({".json", ".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class RowSource:
    """Rows that were read, or can be."""

    shown: str
    """How messages call it: a file's name, or a URL without its secrets."""
    revision: str | None
    """The Alembic revision whose schema they fit; `None` where that is not said."""
    put: Callable[[Connection], None]
    """Writes them in the connection's transaction. Raises `UsageError` where they do not fit."""


def rows_in_file(path: Path, name: str) -> RowSource:
    """
    Return the rows of a `.sql`, `.json`, `.yaml` or `.yml` file.

    :param name: how errors call the file.
    :raises UsageError: it cannot be read, or holds no rows.
    """
    if not path.is_file():
        msg = f"{name}: there is no such file, expected rows as .sql, .json or .yaml"
        raise UsageError(msg)
    try:
        return _read(path, name)
    except OSError as error:
        msg = f"{name}: the file cannot be read ({error.strerror}), expected rows"
        raise UsageError(msg) from None


def _read(path: Path, name: str) -> RowSource:
    if path.suffix == ".sql":
        from pytest_darkhost.migrations.rows.sql_files import read_sql, run_sql

        file = read_sql(path, name)
        return RowSource(name, file.revision, lambda connection: run_sql(connection, file))
    if path.suffix in _DOCUMENTS:
        from pytest_darkhost.migrations.rows.documents import read_document
        from pytest_darkhost.migrations.rows.putting import put_rows

        rows = read_document(path, name)
        return RowSource(name, rows.revision, lambda connection: put_rows(connection, rows, name))
    msg = f"{name}: {path.suffix or 'no ending'!r} is no kind of file that holds rows, expected .sql, .json or .yaml"
    raise UsageError(msg)
