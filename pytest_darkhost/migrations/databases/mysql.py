"""
MySQL's and MariaDB's commands for making databases.
"""

from contextlib import suppress

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError

from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.databases.mysql_copying import copy_database
from pytest_darkhost.migrations.databases.mysql_grants import grants_in
from pytest_darkhost.migrations.databases.remote import CONNECT_TIMEOUT_S, RemoteServer
from pytest_darkhost.migrations.mysql_sessions import set_timeouts

_TIMEOUTS = {"mysqlconnector": "connection_timeout"}


class MysqlCommands:
    """The commands. There are no templates: a copy is made from definitions."""

    name = "mysql"

    def __init__(self, url: URL) -> None:
        argument = _TIMEOUTS.get(url.get_driver_name(), "connect_timeout")
        self.connect_arguments: dict[str, object] = {argument: CONNECT_TIMEOUT_S}

    def prepare(self, session: Connection) -> None:
        """Wait for locks no longer than is ours to wait; ask for the grants, on all databases or on `darkhost…`."""
        session.exec_driver_sql(set_timeouts())
        grants = [str(row[0]) for row in session.exec_driver_sql("SHOW GRANTS")]
        if not any(_allows(grant) for grant in grants):
            msg = (
                "mysql: the user may not create databases, expected one that may. "
                "Run GRANT ALL ON `darkhost\\_%`.* TO it, or name another user in the URL"
            )
            raise DatabaseError(msg)

    def hold(self, session: Connection, lock: int) -> None:
        """Take a named lock of the session."""
        session.exec_driver_sql(f"SELECT GET_LOCK('darkhost_{lock}', 0)")

    def is_held(self, session: Connection, lock: int) -> bool:
        """Ask for the named lock."""
        return not session.exec_driver_sql(f"SELECT IS_FREE_LOCK('darkhost_{lock}')").scalar_one()

    def names(self, session: Connection) -> list[str]:
        """Return the databases that the user sees."""
        return list(session.exec_driver_sql("SHOW DATABASES").scalars())

    def create(self, session: Connection, name: str) -> None:
        """Run `CREATE DATABASE`."""
        session.exec_driver_sql(f"CREATE DATABASE {name}")

    def copy(self, session: Connection, name: str, original: str) -> None:
        """Make everything anew. Raises `DatabaseError` where the user may not read a definition."""
        copy_database(session, name, original)

    def drop(self, session: Connection, name: str, *, force: bool) -> None:
        """Run `DROP DATABASE`, unless somebody uses it and it is not forced; take back what was granted on it."""
        query = f"SELECT id FROM information_schema.processlist WHERE db = '{name}' AND id <> CONNECTION_ID()"
        users = session.exec_driver_sql(query).scalars().all()
        if users and not force:
            return
        for each in users:
            with suppress(DBAPIError):  # it has ended by itself
                session.exec_driver_sql(f"KILL {each}")
        grants = list(grants_in(session, name))
        session.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        for grant in grants:
            with suppress(DBAPIError):  # of a user that is gone, or whose grants are not ours to take
                session.exec_driver_sql(grant.revoked(name).replace("%", "%%"))

    def current(self, connection: Connection) -> object:
        """Return `DATABASE()`."""
        return connection.exec_driver_sql("SELECT DATABASE()").scalar_one()


def mysql_server(url: URL) -> RemoteServer:
    """Return the server at a URL. Raises `DatabaseError`."""
    return RemoteServer(url, MysqlCommands(url))


def _allows(grant: str) -> bool:
    rights, _, place = grant.partition(" ON ")
    may_create = "ALL PRIVILEGES" in rights or "CREATE," in f"{rights.removeprefix('GRANT ')},".replace(" ,", ",")
    return may_create and place.startswith(("*.*", "`darkhost"))
