"""
MySQL's and MariaDB's commands for making databases.
"""

from typing import Any

from sqlalchemy import URL, Connection

from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.databases.remote import CONNECT_TIMEOUT_S, RemoteServer

_TIMEOUTS = {"mysqlconnector": "connection_timeout"}


class MysqlCommands:
    """The commands. There are no templates: a copy is made table by table."""

    name = "mysql"

    def __init__(self, url: URL) -> None:
        argument = _TIMEOUTS.get(url.get_driver_name(), "connect_timeout")
        self.connect_arguments: dict[str, object] = {argument: CONNECT_TIMEOUT_S}

    def prepare(self, session: Connection) -> None:
        """Ask for the grants on all databases, or on those that begin with `darkhost`."""
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
        """
        Make the tables anew from their own definitions, with their rows.

        :raises DatabaseError: there are views, triggers or routines, which would be left out.
        """
        others = sum(session.exec_driver_sql(query.format(original)).scalar_one() for query in _NOT_COPIED)
        if others:
            msg = "mysql: a database with views, triggers or routines cannot be copied, expected tables only"
            raise DatabaseError(msg)
        session.exec_driver_sql(f"CREATE DATABASE {name}")
        session.exec_driver_sql("SET SESSION foreign_key_checks = 0")
        for table in session.exec_driver_sql(f"SHOW TABLES FROM {original}").scalars().all():
            quoted = session.dialect.identifier_preparer.quote(table)
            definition: Any = session.exec_driver_sql(f"SHOW CREATE TABLE {original}.{quoted}").one()[1]
            session.exec_driver_sql(f"USE {name}")
            session.exec_driver_sql(definition.replace("%", "%%"))
            session.exec_driver_sql(f"INSERT INTO {name}.{quoted} SELECT * FROM {original}.{quoted}")

    def drop(self, session: Connection, name: str, *, force: bool) -> None:
        """Run `DROP DATABASE`, unless somebody uses it and it is not forced."""
        query = f"SELECT count(*) FROM information_schema.processlist WHERE db = '{name}'"
        if force or not session.exec_driver_sql(query).scalar_one():
            session.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")

    def current(self, connection: Connection) -> object:
        """Return `DATABASE()`."""
        return connection.exec_driver_sql("SELECT DATABASE()").scalar_one()


_NOT_COPIED = (
    "SELECT count(*) FROM information_schema.views WHERE table_schema = '{}'",
    "SELECT count(*) FROM information_schema.triggers WHERE trigger_schema = '{}'",
    "SELECT count(*) FROM information_schema.routines WHERE routine_schema = '{}'",
)


def mysql_server(url: URL) -> RemoteServer:
    """Return the server at a URL. Raises `DatabaseError`."""
    return RemoteServer(url, MysqlCommands(url))


def _allows(grant: str) -> bool:
    rights, _, place = grant.partition(" ON ")
    may_create = "ALL PRIVILEGES" in rights or "CREATE," in f"{rights.removeprefix('GRANT ')},".replace(" ,", ",")
    return may_create and place.startswith(("*.*", "`darkhost"))
