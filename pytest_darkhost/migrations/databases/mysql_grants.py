"""
What is granted on a database of MySQL or MariaDB and on its tables. The server keeps it when the database is dropped.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

_OPTION = "if(is_grantable = 'YES', ' WITH GRANT OPTION', '')"
_QUERIES = (
    f"SELECT grantee, privilege_type, '*', {_OPTION} FROM information_schema.schema_privileges",
    f"SELECT grantee, privilege_type, table_name, {_OPTION} FROM information_schema.table_privileges",
    f"SELECT grantee, concat(privilege_type, ' (`', column_name, '`)'), table_name, {_OPTION}"
    " FROM information_schema.column_privileges",
)


@dataclass(frozen=True, slots=True)
class Grant:
    """One privilege."""

    grantee: str
    """As the server quotes it."""
    privilege: str
    table: str
    """`*` for all."""
    option: str
    """` WITH GRANT OPTION`, or nothing."""

    def granted(self, database: str) -> str:
        """Return the statement that grants it."""
        return f"GRANT {self.privilege} ON {self._place(database)} TO {self.grantee}{self.option}"

    def revoked(self, database: str) -> str:
        """Return the statement that takes it back."""
        return f"REVOKE {self.privilege} ON {self._place(database)} FROM {self.grantee}"

    def _place(self, database: str) -> str:
        table = self.table if self.table == "*" else "`" + self.table.replace("`", "``") + "`"
        return f"{database}.{table}"


def grants_in(session: Connection, database: str) -> Iterator[Grant]:
    """Yield what the user sees of the grants on a database by its own name, not of those on names like it."""
    for query in _QUERIES:
        for row in session.exec_driver_sql(f"{query} WHERE table_schema = '{database}'").all():
            yield Grant(*row)
