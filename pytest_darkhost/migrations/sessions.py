"""
A session of PostgreSQL in which Alembic works, committed and put back to its beginning between two steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection

from pytest_darkhost.migrations.engines import begin_anew
from pytest_darkhost.migrations.statements import WATCH

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext


@dataclass(frozen=True, slots=True)
class Session:
    """As `env.py` has made it, and what of that a revision might change without the server knowing."""

    context: "MigrationContext"
    connection: Connection
    settings: Mapping[str, Any]

    @classmethod
    def of(cls, context: "MigrationContext") -> Self:
        """Return it before the first step."""
        assert context.connection is not None, "is_ours has looked at it"
        return cls(context, context.connection, _settings(context, context.connection))

    def may_be_put_back(self) -> bool:
        """
        Return whether Alembic would commit now, in its own transaction, and begin the next run like this one.

        That is not so where `env.py` has a transaction around everything, or a revision has ended Alembic's.
        """
        connection = self.connection
        if self.context.connection is not connection or _settings(self.context, connection) != self.settings:
            return False
        return connection.get_transaction() is _of_alembic(self.context)

    def commit(self) -> None:
        """Commit, and let Alembic have a new transaction. Raises SQLAlchemy's errors."""
        begun = self.connection.get_transaction()
        if begun is not None:
            begun.commit()

    def put_back(self) -> None:
        """Discard what the session keeps, and begin a transaction where Alembic had one. Raises the driver's errors."""
        begin_anew(self.connection)
        if _of_alembic(self.context) is not None:
            self.context._transaction = self.connection.begin()


def _of_alembic(context: "MigrationContext") -> Any:
    """Return the transaction that Alembic has begun, `None` between two of them; it shows it to nobody."""
    return getattr(context, "_transaction", None)


def _settings(context: "MigrationContext", connection: Connection) -> dict[str, Any]:
    """Return what was said of connection and context, or hung on them, as listeners are; or said to the driver."""
    driver: Any = connection.connection.dbapi_connection
    hung = tuple(frozenset(vars(each)) for each in (connection, context, context.impl))
    options = {name: value for name, value in connection.get_execution_options().items() if name != WATCH}
    return {"options": options, "opts": dict(context.opts), "autocommit": driver.autocommit, "hung": hung}
