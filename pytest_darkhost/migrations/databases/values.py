"""
What a server of databases is to those who use one. How each kind makes them is in a module of its own.
"""

from typing import Protocol

from sqlalchemy import URL, Connection

DRIVER = "psycopg"
"""What the embedded PostgreSQL is reached by, if no other driver is named."""


class Database(Protocol):
    """A database that was made here, empty or as a copy."""

    @property
    def url(self) -> URL:
        """The URL with its password, which `str` and `repr` hide."""

    def holds(self, connection: Connection) -> bool:
        """Return whether a connection works in this very database: an `env.py` may have made one of its own."""

    def drop(self) -> None:
        """Remove the database, whoever is connected. Twice does no harm."""


class Server(Protocol):
    """Makes databases, and drops those that are left when it is closed."""

    @property
    def name(self) -> str:
        """`sqlite`, `postgresql` or `mysql`: the word in the ids of tests."""

    def create(self) -> Database:
        """Return a new, empty database. Raises `DatabaseError`."""

    def copy(self, database: Database) -> Database:
        """Return a copy of a database of this server, to which nobody may be connected. Raises `DatabaseError`."""

    def close(self) -> None:
        """Drop what is left, and stop the server if it was started here. Twice does no harm."""
