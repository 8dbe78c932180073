"""
A session on a catalog's database that cannot write. What is read through it is not known here (`tables`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import NoSuchModuleError
from sqlalchemy.pool import NullPool

from pytest_darkhost.catalog.failures import async_driver, missing_driver, not_opened, unknown_dialect
from pytest_darkhost.errors import CatalogError

CONNECT_TIMEOUT_S = 10
STATEMENT_TIMEOUT_MS = 30_000

_TIMEOUT_ARGUMENTS = {
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
    "mariadbconnector": "connect_timeout",
    "mysqlconnector": "connection_timeout",
    "pg8000": "timeout",
    "oracledb": "tcp_connect_timeout",
    "pyodbc": "timeout",
    "pymssql": "login_timeout",
}
# Of the transaction, not of the session: behind a pooler, a session's settings outlive it and reach other clients.
_OPTIONS: dict[str, dict[str, Any]] = {
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
_READ_ONLY = ("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",)
_STATEMENTS = {
    "sqlite": ("BEGIN",),
    "postgresql": (f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}",),
    "mysql": _READ_ONLY,
    "mariadb": _READ_ONLY,
}


@contextmanager
def read_only(url: URL) -> Iterator[Connection]:
    """
    Yield a connection inside one transaction that cannot write, and roll it back.

    SQLite, PostgreSQL, MySQL and MariaDB refuse to write; on another database, what is written is not committed.
    Raises `CatalogError`, without a place, where there is no such dialect, driver, file, server or login.
    """
    engine = _engine(url)
    try:
        with _connected(engine, _timeout_s(url)) as connection:
            connection.execution_options(**_OPTIONS.get(engine.dialect.name, {}))
            for statement in _STATEMENTS.get(engine.dialect.name, ()):
                connection.exec_driver_sql(statement)
            yield connection
    finally:
        engine.dispose()


def _connected(engine: Engine, timeout_s: object) -> Connection:
    """Return an open connection. Drivers may raise anything for an argument that they do not like."""
    try:
        return engine.connect()
    except Exception as error:
        raise not_opened(error, timeout_s) from None


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(_sqlite_file(url))
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=_connect_arguments(url), hide_parameters=True)
    except NoSuchModuleError:
        raise unknown_dialect(url) from None
    except ImportError as error:
        raise missing_driver(url, error) from None
    except Exception as error:
        raise not_opened(error, _timeout_s(url)) from None
    if engine.dialect.is_async:
        raise async_driver(url)
    return engine


def _connect_arguments(url: URL) -> dict[str, int]:
    """Return the driver's argument for the time that a connection may take, unless the URL sets it."""
    name = _timeout_argument(url)
    return {name: CONNECT_TIMEOUT_S} if name and name not in url.query else {}


def _timeout_s(url: URL) -> object:
    """Return the seconds that a connection may take, as the URL or else this module says."""
    return url.query.get(_timeout_argument(url), CONNECT_TIMEOUT_S)


def _timeout_argument(url: URL) -> str:
    try:
        return _TIMEOUT_ARGUMENTS.get(url.get_driver_name(), "")
    except NoSuchModuleError:
        return ""


def _sqlite_engine(file: Path) -> Engine:
    """Return an engine that opens the file by a URI that neither creates nor writes it (sqlite.org/uri.html)."""
    import sqlite3

    def connect() -> sqlite3.Connection:
        uri = f"{file.absolute().as_uri()}?mode=ro"
        return sqlite3.connect(uri, uri=True, timeout=CONNECT_TIMEOUT_S, isolation_level=None)

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


def _sqlite_file(url: URL) -> Path:
    """Return the file of an SQLite URL, also of one such as `sqlite:///file:catalog.db?uri=true`."""
    name = (url.database or "").removeprefix("file:")
    if not name or name == ":memory:" or url.query.get("mode") == "memory":
        msg = "a database in memory is empty, expected a file. Write sqlite:///catalog.db"
        raise CatalogError(msg)
    file = Path(name)
    if not file.exists():
        msg = f"there is no file {name!r}, expected an SQLite database; it is never created here. Check the path"
        raise CatalogError(msg)
    if not file.is_file():
        msg = f"{name!r} is not a file, expected an SQLite database. Check the path"
        raise CatalogError(msg)
    return file
