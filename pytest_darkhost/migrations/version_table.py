"""
What Alembic's version table says, read by ourselves: `env.py` may report what it did not commit.
"""

from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from pytest_darkhost.migrations.snapshots.postgresql_asking import alone

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext


def heads_in(connection: Connection, context: "MigrationContext | None") -> tuple[str, ...]:
    """Return the revisions at which a database is, from the table that a context names; none where it is not there."""
    if context is None:
        return ()
    quote = connection.dialect.identifier_preparer.quote
    table = ".".join(quote(part) for part in (context.version_table_schema, context.version_table) if part)
    with alone(connection):
        try:
            query = f"SELECT version_num FROM {table}"  # noqa: S608 - quoted
            return tuple(connection.exec_driver_sql(query).scalars())
        except SQLAlchemyError:
            return ()
        finally:
            connection.rollback()
