"""
Takes a snapshot of any database that we know.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.mysql import take_mysql
from pytest_darkhost.migrations.snapshots.postgresql import take_postgresql
from pytest_darkhost.migrations.snapshots.sqlite import take_sqlite
from pytest_darkhost.migrations.snapshots.values import Snapshot

_TAKERS: dict[str, Callable[[Connection, frozenset[str], Snapshot | None], Snapshot]] = {
    "sqlite": take_sqlite,
    "postgresql": take_postgresql,
    "mysql": take_mysql,
    "mariadb": take_mysql,
}


def take(
    connection: Connection, *, exclude: frozenset[str] = frozenset({"alembic_version"}), earlier: Snapshot | None = None
) -> Snapshot:
    """
    Return the schema objects and rows that a connection sees, uncommitted ones too, without changing anything.

    `exclude` names tables that are judged elsewhere: the version table. `earlier` is the snapshot that this one will be
    compared with: a table that is kept as digests there is kept so here. Raises SQLAlchemy's errors.
    """
    return _TAKERS[connection.dialect.name](connection, exclude, earlier)
