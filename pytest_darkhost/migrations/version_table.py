"""
What Alembic's version table says, read by ourselves: `env.py` may report what it did not commit.
"""

from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext


def heads_in(connection: Connection, context: "MigrationContext | None") -> tuple[str, ...]:
    """Return the revisions at which a database is, from the table that a context names; none where it is not there."""
    if context is None:
        return ()
    table = sa.table(context.version_table, sa.column("version_num"), schema=context.version_table_schema)
    try:
        return tuple(connection.scalars(sa.select(table.c.version_num)))
    except SQLAlchemyError:
        return ()
    finally:
        connection.rollback()
