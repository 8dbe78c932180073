"""
Takes a snapshot of any database that we know.
"""

from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.values import Snapshot

Taker: TypeAlias = Callable[[Connection, frozenset[str], Snapshot | None], Snapshot]


def take(
    connection: Connection, *, exclude: frozenset[str] = frozenset({"alembic_version"}), earlier: Snapshot | None = None
) -> Snapshot:
    """
    Return the schema objects and rows that a connection sees, uncommitted ones too, without changing anything.

    `exclude` names tables that are judged elsewhere: the version table. `earlier` is the snapshot that this one will be
    compared with: a table that is kept as digests there is kept so here. Raises SQLAlchemy's errors.
    """
    return _taker(connection.dialect.name)(connection, exclude, earlier)


def _taker(dialect: str) -> Taker:
    """Import only what the kind of database needs."""
    if dialect == "sqlite":
        from pytest_darkhost.migrations.snapshots.sqlite import take_sqlite

        return take_sqlite
    if dialect == "postgresql":
        from pytest_darkhost.migrations.snapshots.postgresql import take_postgresql

        return take_postgresql
    from pytest_darkhost.migrations.snapshots.mysql import take_mysql

    return take_mysql
