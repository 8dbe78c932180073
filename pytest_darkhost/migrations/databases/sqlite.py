"""
SQLite: each database is a file in a directory of this process.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy import URL, Connection

from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.databases import places, scratch
from pytest_darkhost.migrations.databases.scratch import Scratch
from pytest_darkhost.migrations.databases.values import Database

PREFIX = "darkhost-sqlite-"
_ENDINGS = ("", "-journal", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """One file. It is there from the beginning, empty, so that a URL with `mode=rw` opens it too."""

    file: Path

    @property
    def url(self) -> URL:
        """The URL of the file."""
        return URL.create("sqlite", database=str(self.file))

    def holds(self, connection: Connection) -> bool:
        """Return whether `main` is this file."""
        opened = [row[2] for row in connection.exec_driver_sql("PRAGMA database_list") if row[1] == "main"]
        return bool(opened and opened[0]) and self.file.exists() and Path(opened[0]).samefile(self.file)

    def drop(self) -> None:
        """Remove the file and what SQLite keeps beside it."""
        for ending in _ENDINGS:
            Path(f"{self.file}{ending}").unlink(missing_ok=True)


class SqliteServer:
    """Makes files in a directory of its own, which goes with it."""

    name = "sqlite"

    def __init__(self) -> None:
        """:raises DatabaseError: there is no directory for temporary files that can be written."""
        self._numbers = count(1)
        parent = next(places.candidates(), None)
        if parent is None:
            raise _not_writable("no directory for temporary files can be written")
        scratch.sweep(PREFIX, parent)
        try:
            self._home = Scratch.make(PREFIX, parent)
        except OSError as error:
            raise _not_writable(_said(error)) from None

    def create(self) -> SqliteFile:
        """Return a new file."""
        database = SqliteFile(self._home.path / f"{next(self._numbers)}.sqlite")
        try:
            database.file.touch()
        except OSError as error:
            raise _not_writable(_said(error)) from None
        return database

    def copy(self, database: Database) -> SqliteFile:
        """Return a copy, also of what a journal beside the file still holds."""
        made = self.create()
        try:
            with (
                closing(sqlite3.connect(str(database.url.database))) as old,
                closing(sqlite3.connect(made.file)) as new,
            ):
                old.backup(new)
        except sqlite3.Error as error:
            made.drop()
            raise _not_writable(str(error)) from None
        return made

    def close(self) -> None:
        """Remove the directory with all files."""
        self._home.close()


def _said(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}"


def _not_writable(what: str) -> DatabaseError:
    return DatabaseError(f"sqlite: {what}, expected room for temporary databases. Free some, or set TMPDIR")
