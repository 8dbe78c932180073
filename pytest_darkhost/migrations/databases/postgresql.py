"""
PostgreSQL's commands for making databases.
"""

import time
from typing import Any

from sqlalchemy import URL, Connection

from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.databases.remote import CONNECT_TIMEOUT_S, RemoteServer

ALONE_TIMEOUT_S = 2
LOCK_TIMEOUT_S = 10
_LOCK_CLASS = 0x64617268
"""`darh`: the first half of our advisory locks, the second half being the maker's."""


class PostgresqlCommands:
    """The commands. A new database is a copy of `template1`, as everybody's is."""

    name = "postgresql"

    def __init__(self) -> None:
        self._strategy = ""
        self.connect_arguments: dict[str, object] = {
            "connect_timeout": CONNECT_TIMEOUT_S,
            "application_name": "pytest-darkhost",
        }

    def prepare(self, session: Connection) -> None:
        """Ask the server whether the user may create databases, and how it does so sooner."""
        query = (
            "SELECT current_user, rolcreatedb OR rolsuper, current_setting('fsync') = 'off'"
            " AND CAST(current_setting('server_version_num') AS integer) >= 150000"
            " FROM pg_roles WHERE rolname = current_user"
        )
        user, may_create, quick_copies = session.exec_driver_sql(query).one()
        # Files are copied rather than logged: quicker where nothing is synced to a disk.
        self._strategy = " STRATEGY file_copy" if quick_copies else ""
        if not may_create:
            msg = (
                f"postgresql: the user {user!r} may not create databases, expected one that may. "
                f'Run ALTER ROLE "{user}" CREATEDB, or name another user in the URL'
            )
            raise DatabaseError(msg)

    def hold(self, session: Connection, lock: int) -> None:
        """Take an advisory lock of the session."""
        session.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK_CLASS}, {lock})")

    def is_held(self, session: Connection, lock: int) -> bool:
        """Look among the locks of all databases: advisory locks are per database, this view is not."""
        query = (
            f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = {_LOCK_CLASS} AND objid = {lock}"
        )
        return bool(session.exec_driver_sql(query).scalar_one())

    def names(self, session: Connection) -> list[str]:
        """Return the names in `pg_database`."""
        return list(session.exec_driver_sql("SELECT datname FROM pg_database").scalars())

    def create(self, session: Connection, name: str) -> None:
        """Run `CREATE DATABASE`."""
        session.exec_driver_sql(f"CREATE DATABASE {name}{self._strategy}")
        _limit_waits(session, name)

    def copy(self, session: Connection, name: str, original: str) -> None:
        """
        Run `CREATE DATABASE … TEMPLATE`.

        :raises DatabaseError: somebody stays connected to the original.
        """
        _wait_until_alone(session, original)
        session.exec_driver_sql(f'CREATE DATABASE {name} TEMPLATE "{original}"{self._strategy}')
        _limit_waits(session, name)

    def drop(self, session: Connection, name: str, *, force: bool) -> None:
        """Run `DROP DATABASE`, unless somebody is connected or, with `force`, having ended his session."""
        connected = f"FROM pg_stat_activity WHERE datname = '{name}'"
        if force:
            if session.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {connected}").all():
                _last_connected(session, name)  # the server itself looks every 100 ms only
        elif session.exec_driver_sql(f"SELECT count(*) {connected}").scalar_one():
            return  # the server would wait for them for 5 s, and refuse
        version = session.dialect.server_version_info or (0,)
        ending = " WITH (FORCE)" if force and int(version[0]) >= 13 else ""
        session.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}{ending}")

    def current(self, connection: Connection) -> object:
        """Return `current_database()`."""
        return connection.exec_driver_sql("SELECT current_database()").scalar_one()


def _wait_until_alone(session: Connection, name: str) -> None:
    """Wait for sessions that are ending. Raises `DatabaseError` where one does not end."""
    row = _last_connected(session, name)
    if row:
        msg = (
            f"postgresql: process {row[0]} ({row[1] or 'no application name'}) is connected to the database that is "
            "to be copied, expected nobody. Close its connection first"
        )
        raise DatabaseError(msg)


def _last_connected(session: Connection, name: str) -> tuple[Any, ...] | None:
    """
    Return the process and the application of a session that does not end in time; else none, once all have ended.

    A connection is closed here before the server is done with it.
    """
    query = f"SELECT pid, application_name FROM pg_stat_activity WHERE datname = '{name}'"
    deadline = time.monotonic() + ALONE_TIMEOUT_S
    while (row := session.exec_driver_sql(query).first()) and time.monotonic() < deadline:
        time.sleep(0.002)
    return tuple(row) if row else None


def _limit_waits(session: Connection, name: str) -> None:
    """Let no session of the database wait for a lock for ever, such as one that the same process holds."""
    session.exec_driver_sql(f"ALTER DATABASE {name} SET lock_timeout = '{LOCK_TIMEOUT_S}s'")


def postgresql_server(url: URL) -> RemoteServer:
    """Return the server at a URL. Raises `DatabaseError`."""
    return RemoteServer(url, PostgresqlCommands())
