"""
One database of ours: revisions run in it, snapshots and copies taken of it.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from sqlalchemy import Connection

from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.databases.values import Database, Server
from pytest_darkhost.migrations.drivers import blocking, own_url
from pytest_darkhost.migrations.engines import engine_for
from pytest_darkhost.migrations.environment import Workplace
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.itinerary import BASE, Itinerary
from pytest_darkhost.migrations.observer import Observer
from pytest_darkhost.migrations.settling import settled
from pytest_darkhost.migrations.snapshots.values import Snapshot
from pytest_darkhost.migrations.sql_scripts import elsewhere, printed
from pytest_darkhost.migrations.steps import Direction, Raised, Step

if TYPE_CHECKING:
    from pytest_darkhost.migrations.lock_record import LockRecord
    from pytest_darkhost.migrations.locks import LockWatcher


class Ground:
    """Ends with `close`, which drops the database."""

    def __init__(
        self, itinerary: Itinerary, server: Server, database: Database, observer: Observer | None = None
    ) -> None:
        self.itinerary = itinerary
        self.server = server
        self.database = database
        self.engine = engine_for(blocking(own_url(itinerary.history.place, database.url), database.url))
        self._observer = observer or Observer(database, itinerary.exclude)
        self._observer.forget_ahead_of(self.engine)
        self.workplace = Workplace.of(itinerary.history, database, self.engine, self._observer, itinerary.hooks)
        self._watcher: LockWatcher | None = None

    @property
    def is_postgresql(self) -> bool:
        """Whether the server tells of locks, and takes definitions back with a transaction."""
        return self.engine.dialect.name == "postgresql"

    @classmethod
    def fresh(cls, itinerary: Itinerary, server: Server) -> Self:
        """
        Return an empty database, once `env.py` was seen to work in it.

        :raises UsageError: the database or `env.py` does not serve.
        """
        made = cls(itinerary, server, server.create())
        try:
            made.workplace, version_table = settled(made.workplace)
            made._observer.exclude |= {version_table}
        except BaseException:
            made.close()
            raise
        return made

    @classmethod
    def at(
        cls, itinerary: Itinerary, server: Server, revisions: list[Revision], begun: "Ground | None" = None
    ) -> "Ground":
        """
        Return a database in which these were run, and the rows put in.

        :param begun: one to go on with; else an empty one is made.
        :raises UsageError: the database or `env.py` does not serve, or a revision does not run.
        """
        made = begun or cls.fresh(itinerary, server)
        try:
            if begun is None:
                made.put_rows(BASE)
            for revision in revisions:
                made.climb(revision)
        except BaseException:
            made.close()
            raise
        return made

    def copy(self) -> "Ground":
        """Return a copy, with nobody connected to either. Raises `DatabaseError`."""
        self._disconnect()
        database = self.server.copy(self.database)
        made = Ground(self.itinerary, self.server, database, self._observer.of_copy(database))
        made.workplace = replace(made.workplace, offer=self.workplace.offer)
        return made

    def climb(self, revision: Revision) -> None:
        """Run an upgrade that is not judged, then put the rows in if they belong there. Raises `HistoryError`."""
        step = self.run(revision, Direction.UP)
        if step.raised:
            msg = f"{revision.shown}: {step.raised}, expected the upgrade to run a second time on an empty database"
            raise HistoryError(msg)
        self.put_rows(revision.id)

    def put_rows(self, revision_id: str) -> bool:
        """Put the rows in if they belong after this revision; return whether they do. Raises `UsageError`."""
        rows = self.itinerary.rows
        if rows is None or rows.after != revision_id:
            return False
        with self.engine.begin() as connection:
            rows.put(connection)
        return True

    def run_watched(self, revision: Revision) -> "tuple[Step, LockRecord | None]":
        """
        Return what came of an upgrade after which a snapshot is taken, and its locks where the server can tell.

        :raises HistoryError: see `Workplace.run`.
        """
        if self.is_postgresql:
            with self.locks_watched() as record:
                return self.run(revision, Direction.UP, then_snapshot=True), record
        step = self.run(revision, Direction.UP, then_snapshot=True)
        return step, self._waited_for(step)

    def locks_watched(self) -> "AbstractContextManager[LockRecord]":
        """Yield the record of the locks that are taken meanwhile, on PostgreSQL."""
        if self._watcher is None:
            from pytest_darkhost.migrations.locks import LockWatcher

            self._watcher = LockWatcher(self.database.url)
        return self._watcher.watching()

    def _waited_for(self, step: Step) -> "LockRecord | None":
        """Return who else works in a database of MySQL or MariaDB, once a wait for a lock has ended in vain."""
        if step.raised is None or self.engine.dialect.name == "sqlite":
            return None
        from pytest_darkhost.migrations.lock_record import LockRecord
        from pytest_darkhost.migrations.mysql_sessions import TIMED_OUT, others_in

        if TIMED_OUT not in step.raised.text:
            return None
        with self._observer.connected() as connection:
            return LockRecord({}, holders=others_in(connection))

    def run(
        self,
        revision: Revision,
        direction: Direction,
        then: Callable[[Connection], None] | None = None,
        *,
        then_snapshot: bool = False,
    ) -> Step:
        """Return what came of one run. Raises `HistoryError`, see `Workplace.run`."""
        return self.workplace.run(revision, direction, then, then_snapshot=then_snapshot)

    def printed(
        self,
        revision: Revision,
        x: Sequence[str] = (),
        *,
        direction: Direction = Direction.UP,
        url: str | None = None,
    ) -> str | Raised:
        """
        Return the SQL of one way, or what was raised instead.

        :param x: goes behind what `-x` says.
        :param url: of a database of another kind, which need not exist.
        """
        return printed(elsewhere(self.workplace, url) if url else self.workplace, revision, direction, x)

    def snapshot(self) -> Snapshot:
        """Return schema and rows as they are now."""
        return self._observer.snapshot()

    def connected(self) -> AbstractContextManager[Connection]:
        """Yield a connection whose changes are not kept unless they are committed."""
        return self._observer.connected()

    def close(self) -> None:
        """Drop the database. Twice does no harm."""
        self._disconnect()
        self.database.drop()

    def _disconnect(self) -> None:
        self.engine.dispose()
        self._observer.close()
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None
