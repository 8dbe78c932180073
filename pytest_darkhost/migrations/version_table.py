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
    query = heads_question(connection, context)
    if connection.dialect.name == "sqlite":
        return _on_sqlite(connection, query)
    if connection.dialect.name == "postgresql":
        return _on_postgresql(connection, query)
    try:
        return tuple(connection.exec_driver_sql(query).scalars())
    except SQLAlchemyError:
        return ()
    finally:
        connection.rollback()


def heads_question(connection: Connection, context: "MigrationContext") -> str:
    """Return the statement that asks for the revisions."""
    quote = connection.dialect.identifier_preparer.quote
    table = ".".join(quote(part) for part in (context.version_table_schema, context.version_table) if part)
    return f"SELECT version_num FROM {table}"  # noqa: S608 - quoted


def _on_postgresql(connection: Connection, query: str) -> tuple[str, ...]:
    """Ask as on SQLite, in no transaction if that can be done."""
    from pytest_darkhost.migrations.snapshots.postgresql_asking import alone, ask

    with alone(connection):
        try:
            return tuple(head for (head,) in ask(connection, query))
        except SQLAlchemyError:
            return ()
        finally:
            connection.rollback()


def _on_sqlite(connection: Connection, query: str) -> tuple[str, ...]:
    """Ask by the driver's own cursor, as snapshots do: it is asked after each run."""
    from pytest_darkhost.migrations.snapshots.sqlite_asking import ask, errors_of_sqlalchemy

    try:
        with errors_of_sqlalchemy():
            return tuple(head for (head,) in ask(connection, query))
    except SQLAlchemyError:
        return ()
