"""
A temporary database, so that ten thousand runs need no more memory than one. It is a private file, gone when closed.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from pytest_darkhost.errors import EvidenceError

TEMPORARY = "temporary"
"""The code of an error that says nothing of what was looked at."""
_SETTINGS = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-256;"
"""256 KiB are kept in memory: by itself SQLite keeps 2 MB, which grows with a bundle of some thousand runs."""


class TemporaryDatabase:
    """
    Tables of SQLite in a file of their own.

    Each method raises `EvidenceError`: `temporary`, when there is no room for the file.
    """

    def __init__(self, schema: str) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        try:
            self._connection.executescript(f"{_SETTINGS} {schema} BEGIN;")
        except sqlite3.Error as error:
            self.close()
            raise _told(error) from None

    def close(self) -> None:
        """Give the file back. Idempotent."""
        self._connection.close()

    def rows(self, question: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of an answer."""
        try:
            yield from self._connection.execute(question, values)
        except sqlite3.Error as error:
            raise _told(error) from None

    def write(self, statement: str, rows: Iterable[tuple[Any, ...]]) -> int:
        """Run a statement once for each row of values; return how many rows of the table that has changed."""
        try:
            return self._connection.executemany(statement, rows).rowcount
        except sqlite3.Error as error:
            raise _told(error) from None


def _told(error: sqlite3.Error) -> EvidenceError:
    msg = (
        f"temporary files: {error}, expected room for what is told apart and shown, some 100 bytes an answer. "
        "Name a place that has it in $SQLITE_TMPDIR or $TMPDIR"
    )
    return EvidenceError(TEMPORARY, msg)
