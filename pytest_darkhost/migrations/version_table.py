"""
What Alembic's version table says, read by ourselves: `env.py` may report what it did not commit.
"""

from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext


def heads_in(connection: Connection, context: "MigrationContext | None") -> tuple[str, ...]:
    """Return the revisions at which a database is, from the table that a context names; none where it is not there."""
    if context is None:
        return ()
    quote = connection.dialect.identifier_preparer.quote
    table = ".".join(quote(part) for part in (context.version_table_schema, context.version_table) if part)
    try:
        return tuple(connection.exec_driver_sql(f"SELECT version_num FROM {table}").scalars())  # noqa: S608 - quoted
    except SQLAlchemyError:
        return ()
    finally:
        connection.rollback()
