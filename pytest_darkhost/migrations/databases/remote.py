"""
A server that is reached by a URL: what PostgreSQL and MySQL have in common. Their SQL is in `postgresql` and `mysql`.

The database in the URL is where it is asked to make others. Nothing is written there.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from pytest_darkhost.catalog.failures import async_driver, missing_driver, not_opened, said, unknown_dialect
from pytest_darkhost.catalog.location import hidden_values, shown
from pytest_darkhost.errors import CatalogError, DatabaseError
from pytest_darkhost.migrations.databases.names import Maker
from pytest_darkhost.migrations.databases.values import Database
from pytest_darkhost.migrations.engines import engine_for_questions
from pytest_darkhost.secrets import Redactor

CONNECT_TIMEOUT_S = 10


class Commands(Protocol):
    """How one kind of server is told what to do. All of it is said on one connection without a transaction."""

    name: str
    connect_arguments: dict[str, object]

    def prepare(self, session: Connection) -> None:
        """Raise `DatabaseError` unless the user may create databases."""

    def hold(self, session: Connection, lock: int) -> None:
        """Take a lock that the server gives back when the session ends."""

    def is_held(self, session: Connection, lock: int) -> bool:
        """Return whether any session holds the lock."""

    def names(self, session: Connection) -> list[str]:
        """Return the databases of the server."""

    def create(self, session: Connection, name: str) -> None:
        """Make an empty database."""

    def copy(self, session: Connection, name: str, original: str) -> None:
        """Make a copy, to whose original nobody is connected."""

    def drop(self, session: Connection, name: str, *, force: bool) -> None:
        """Remove a database if it is there. With `force`, whoever is connected."""

    def current(self, connection: Connection) -> object:
        """Return the name of the database that a connection works in."""


@dataclass(frozen=True, slots=True)
class RemoteDatabase:
    """A database on a server."""

    url: URL
    _current: Callable[[Connection], object]
    _drop: Callable[[str], None]

    def holds(self, connection: Connection) -> bool:
        """Return whether the connection's current database is this one. No other has its name."""
        return self._current(connection) == self.url.database

    def drop(self) -> None:
        """Remove the database, whoever is connected."""
        self._drop(str(self.url.database))


class RemoteServer:
    """Makes databases whose names tell who made them, and drops them."""

    def __init__(self, url: URL, commands: Commands) -> None:
        """
        Connect, and remove what killed runs have left.

        :raises DatabaseError: there is no such driver, server or login, or the user may not create databases.
        """
        self.name = commands.name
        self._url = url
        self._commands = commands
        self._maker = Maker.new()
        self._numbers = count(1)
        self._made: set[str] = set()
        self._session = self._connected()
        try:
            commands.prepare(self._session)
            commands.hold(self._session, self._maker.lock)
            self._sweep()
        except BaseException as error:
            self._session.close()
            if isinstance(error, DBAPIError):
                raise self._error(error, "a server that makes databases") from None
            raise

    def create(self) -> RemoteDatabase:
        """Return a new, empty database."""
        return self._new(lambda name: self._commands.create(self._session, name))

    def copy(self, database: Database) -> RemoteDatabase:
        """Return a copy of a database to which nobody is connected."""
        return self._new(lambda name: self._commands.copy(self._session, name, str(database.url.database)))

    def close(self) -> None:
        """Drop all that is left. An error in one does not keep the others."""
        try:
            for name in sorted(self._made):
                with suppress(DBAPIError):
                    self._drop(name)
        finally:
            self._session.close()

    def _new(self, make: Callable[[str], None]) -> RemoteDatabase:
        name = self._maker.name(next(self._numbers))
        self._made.add(name)  # first: an interrupt may come while the server makes it
        try:
            make(name)
        except DBAPIError as error:
            raise self._error(error, "it to make a database") from None
        return RemoteDatabase(self._url.set(database=name), self._commands.current, self._drop)

    def _drop(self, name: str) -> None:
        if name in self._made:
            self._commands.drop(self._session, name, force=True)
            self._made.discard(name)

    def _sweep(self) -> None:
        """Drop the databases of makers that are gone, unless somebody looks at them."""
        makers = {name: Maker.of(name) for name in self._commands.names(self._session)}
        for name, maker in makers.items():
            if maker and not maker.lives_here() and not self._commands.is_held(self._session, maker.lock):
                with suppress(DBAPIError):
                    self._commands.drop(self._session, name, force=False)

    def _connected(self) -> Connection:
        try:
            engine = engine_for_questions(
                self._url,
                poolclass=NullPool,
                isolation_level="AUTOCOMMIT",
                connect_args={k: v for k, v in self._commands.connect_arguments.items() if k not in self._url.query},
            )
            return _opened(engine)
        except Exception as error:
            raise self._error(_reason(self._url, error), "") from None

    def _error(self, error: Exception, expected: str) -> DatabaseError:
        text = f"{said(error)}, expected {expected}" if expected else str(error)
        return DatabaseError(f"database {shown(self._url)}: {text}")


def _opened(engine: Engine) -> Connection:
    if engine.dialect.is_async:
        raise async_driver(engine.url)
    return engine.connect()


def _reason(url: URL, error: Exception) -> CatalogError:
    """Return what is wrong. Only a driver's own words may hold what the URL hides."""
    if isinstance(error, CatalogError):
        return error
    if isinstance(error, NoSuchModuleError):
        return unknown_dialect(url)
    if isinstance(error, ImportError):
        return missing_driver(url, error)
    return CatalogError(Redactor.of(hidden_values(url)).clean(str(not_opened(error, CONNECT_TIMEOUT_S))))
