"""
From what a user writes to a server of databases. What a kind needs is imported when it is opened.
"""

import re
import secrets
from contextlib import suppress

from sqlalchemy import URL
from sqlalchemy.exc import NoSuchModuleError

from pytest_darkhost.catalog.location import parsed_url, shown
from pytest_darkhost.errors import CatalogError, DatabaseError
from pytest_darkhost.migrations.databases.values import DRIVER, Server
from pytest_darkhost.near import hint

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
_EMBEDDED = re.compile(r"postgresql(\+\w+)?")
"""The embedded server, perhaps with a driver: `postgresql+psycopg2`."""
_SERVERS = frozenset({POSTGRESQL, "mysql", "mariadb"})
_EXPECTED = "expected 'sqlite', 'postgresql' (embedded), or the URL of a PostgreSQL, MySQL or MariaDB server"


def open_server(name_or_url: str, *, run: str | None = None) -> Server:
    """
    Return a server for `sqlite`, `postgresql` (embedded) or a URL on whose server databases may be created.

    `postgresql+psycopg2` names a driver for the embedded one. `run` names the run whose processes share that: letters
    and digits, at most 32.

    :raises DatabaseError: it is no such name or URL, or the server cannot be used. Shows no part of a password.
    """
    if name_or_url == SQLITE:
        from pytest_darkhost.migrations.databases.sqlite import SqliteServer

        return SqliteServer()
    if _EMBEDDED.fullmatch(name_or_url):
        from pytest_darkhost.migrations.databases.embedded import start_or_join
        from pytest_darkhost.migrations.databases.embedded_server import EmbeddedServer

        return EmbeddedServer(start_or_join(run or secrets.token_hex(8)), name_or_url.partition("+")[2])
    return _by_url(name_or_url)


def import_driver(name_or_url: str) -> None:
    """
    Import the library by which `open_server` will connect. One that is missing is told then.

    :raises DatabaseError: it is no such name or URL.
    """
    if name_or_url == SQLITE:
        return
    own = name_or_url if "+" in name_or_url else f"{POSTGRESQL}+{DRIVER}"
    url = URL.create(own) if _EMBEDDED.fullmatch(name_or_url) else _parsed(name_or_url)
    with suppress(ImportError, NoSuchModuleError):
        url.get_dialect().import_dbapi()


def database_kind(name_or_url: str) -> str:
    """
    Return the word for the ids of tests, `sqlite`, `postgresql` or `mysql`, without opening anything.

    :raises DatabaseError: it is no such name or URL.
    """
    if name_or_url == SQLITE:
        return SQLITE
    if _EMBEDDED.fullmatch(name_or_url):
        return POSTGRESQL
    backend = _parsed(name_or_url).get_backend_name()
    return "mysql" if backend == "mariadb" else backend


def _by_url(text: str) -> Server:
    url = _parsed(text)
    if url.get_backend_name() == POSTGRESQL:
        from pytest_darkhost.migrations.databases.postgresql import postgresql_server

        return postgresql_server(url)
    from pytest_darkhost.migrations.databases.mysql import mysql_server

    return mysql_server(url)


def _parsed(text: str) -> URL:
    """Return a URL of a server that we know. A file of SQLite is somebody's: only files of our own are worked in."""
    if text.isidentifier():  # a word; anything else may hold a password
        msg = f"database {text!r}: it is neither a kind of database nor a URL, {_EXPECTED}"
        raise DatabaseError(msg + hint(text, (SQLITE, POSTGRESQL)))
    try:
        url = parsed_url(text)
    except CatalogError as error:
        msg = f"database URL: {error}"
        raise DatabaseError(msg) from None
    if url.get_backend_name() == SQLITE:
        msg = (
            f"database {shown(url)}: it was not made for round trips, which work in files of their own. Write 'sqlite'"
        )
        raise DatabaseError(msg)
    if url.get_backend_name() not in _SERVERS:
        msg = f"database {shown(url)}: round trips know no {url.get_backend_name()!r}, {_EXPECTED}"
        raise DatabaseError(msg)
    return url
