"""
What is asked of one database of ours between two runs of `env.py`, by a connection that nobody else uses.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError

from pytest_darkhost.migrations.engines import is_over, observer_for
from pytest_darkhost.migrations.snapshots.taking import take
from pytest_darkhost.migrations.snapshots.values import Snapshot
from pytest_darkhost.migrations.version_table import heads_in, heads_question

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

    from pytest_darkhost.migrations.databases.values import Database
    from pytest_darkhost.migrations.snapshots.postgresql_ahead import Ahead


class Observer:
    """Ends with `close`, after which it may be used again."""

    def __init__(self, database: "Database", exclude: frozenset[str]) -> None:
        """:param exclude: tables that no snapshot has."""
        self.exclude = exclude
        self._engine = observer_for(database.url)
        self._state: Snapshot | None = None
        self._ahead: Ahead | None = None

    def of_copy(self, database: "Database") -> Self:
        """Return the observer of a copy, for which the last snapshot holds too."""
        made = type(self)(database, self.exclude)
        made._state = self._state
        return made

    def forget_ahead_of(self, engine: Engine) -> None:
        """From now on, ask anew whenever a connection of that engine was given to somebody, who may write."""
        if engine.dialect.name == "postgresql":
            event.listen(engine, "checkout", self._forget)

    def heads(self, context: "MigrationContext | None", *, then_snapshot: bool, altered: bool) -> tuple[str, ...]:
        """
        Return the revisions at which the database is, from the version table that a context names.

        :param then_snapshot: whether a snapshot follows: what it will need is asked in the same message if that can be.
        :param altered: whether more than rows was probably changed since the last snapshot.
        """
        with self._engine.connect() as connection:
            try:
                heads = self._heads(connection, context, then_snapshot=then_snapshot, altered=altered)
            except SQLAlchemyError:
                if not is_over(connection):
                    raise
            else:
                if not is_over(connection):
                    return heads
            connection.invalidate()
        with self._engine.connect() as connection:
            return self._heads(connection, context, then_snapshot=then_snapshot, altered=altered)

    def _heads(
        self, connection: Connection, context: "MigrationContext | None", *, then_snapshot: bool, altered: bool
    ) -> tuple[str, ...]:
        if then_snapshot and context is not None and self._engine.dialect.name == "postgresql":
            self._ahead = self._asked_ahead(connection, heads_question(connection, context), altered=altered)
            if self._ahead is not None:
                return tuple(head for (head,) in self._ahead.first)
        return heads_in(connection, context)

    def snapshot(self) -> Snapshot:
        """Return schema and rows as they are now."""
        with self._engine.connect() as connection:
            if self._ahead is None:
                self._state = take(connection, exclude=self.exclude, earlier=self._state)
            else:
                from pytest_darkhost.migrations.snapshots.postgresql import take_postgresql

                self._state = take_postgresql(connection, self.exclude, self._state, self._ahead)
                self._ahead = None
        return self._state

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Yield a connection whose changes are not kept unless they are committed."""
        self._forget()
        with self._engine.connect() as connection:
            yield connection
        self._forget()

    def close(self) -> None:
        """Close the connection, so that the database can be copied or dropped."""
        self._forget()
        self._engine.dispose()

    def _asked_ahead(self, connection: Connection, question: str, *, altered: bool) -> "Ahead | None":
        from pytest_darkhost.migrations.snapshots.postgresql_ahead import ask_ahead

        try:
            return ask_ahead(connection, self._state, altered=altered, first=question)
        except SQLAlchemyError:  # there is no version table, perhaps
            if is_over(connection):
                raise
            return None

    def _forget(self, *_: object) -> None:
        self._ahead = None
