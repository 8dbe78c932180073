"""
How the steps of a round trip are run: each by a run of `env.py`, as by those who type them; or all in one.

One run takes a third of the time, but may hide what `env.py` does besides running Alembic: it does that once, instead
of before or after each step. So the first round trip is made run by run. Where `env.py` did nothing besides, the next
ones are made in one run, each step committed and the session then put back to its beginning. Only what went well
counts: else the same round trip is made again, run by run, and so are all that follow.
"""

from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.engines import begin_anew
from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.heard import Recorded
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.snapshots.values import Snapshot
from pytest_darkhost.migrations.steps import Direction, Step
from pytest_darkhost.migrations.trips import Came, Made, Trip, round_trip

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

    from pytest_darkhost.migrations.lock_record import LockRecord


class Manner:
    """Of one walk. Learns from each round trip."""

    def __init__(self) -> None:
        self._one_run_will_do: bool | None = None
        """`None` until a round trip has shown it."""

    def made(self, ground: Ground, revision: Revision, database: str, below: Snapshot) -> Made | None:
        """Return a round trip. `None` says to make it again, on other ground: then it is made in any case."""
        trip = round_trip(ground, revision, database, below)
        if self._one_run_will_do and ground.is_postgresql and not _is_activation(ground, revision):
            made = _OneRun(ground, revision, trip).made()
            self._one_run_will_do = made is not None
            return made
        made = run_by_run(ground, revision, trip)
        seen, after = made
        if self._one_run_will_do is None and after is not None:
            self._one_run_will_do = all(step.bare for step in seen.steps)
        return made


def run_by_run(ground: Ground, revision: Revision, trip: Trip) -> Made:
    """Return what comes of a trip whose steps are runs of `env.py`. Raises `HistoryError`, see `Workplace.run`."""
    next(trip)
    came: Came = ground.run_watched(revision)
    while isinstance(asked := _following(trip, came), Direction):
        came = ground.run(revision, asked, then_snapshot=True), None
    return asked


@dataclass(frozen=True, slots=True)
class _OneRun:
    """Of `env.py`, for a whole trip. On PostgreSQL: what a session keeps can be discarded there between two steps."""

    ground: Ground
    revision: Revision
    trip: Trip
    recorded: Recorded = field(default_factory=Recorded)
    ended: list[Made] = field(default_factory=list)

    def made(self) -> Made | None:
        """Return what comes of it; `None` where anything was out of the ordinary."""
        workplace = self.ground.workplace
        workplace.say(Direction.UP, self.revision.id)
        with ExitStack() as running:

            def steps(_: Any, context: "MigrationContext") -> Iterable[Any]:
                return running.enter_context(closing(self.steps(context)))

            heard = workplace.through_env(steps, self.recorded)
        if heard.error or heard.output or heard.warnings or workplace.besides or not self.ended:
            return None
        _, after = made = self.ended[0]
        return made if after is not None else None

    def steps(self, context: "MigrationContext") -> Generator[Any]:
        """Yield what Alembic is to run; look at the database whenever it has done so."""
        watched: AbstractContextManager[LockRecord | None] = self.ground.locks_watched()
        asked: Direction | Made = next(self.trip)
        while isinstance(asked, Direction):
            seen = Recorded()
            with watched as locks:
                yield self.ground.workplace.step(self.revision, asked, context, seen)
                self.commit(context)
            asked = _following(self.trip, (self.seen(asked, seen, context), locks))
            watched = nullcontext()
        self.ended.append(asked)

    def commit(self, context: "MigrationContext") -> None:
        """Have the step done, and the session as new; `env.py` may have begun what does not allow it."""
        connection = context.connection
        if connection is None or not self.ground.workplace.shares(context):
            msg = f"{self.ground.workplace.env}: it has opened a connection, expected the one it used before"
            raise HistoryError(msg)
        connection.commit()
        begin_anew(connection)

    def seen(self, direction: Direction, recorded: Recorded, context: "MigrationContext") -> Step:
        """Return what was seen of a step that has ended well."""
        heads = self.ground.workplace.observer.heads(context, then_snapshot=True, altered=recorded.altered)
        if (self.revision.id in heads) is not (direction is Direction.UP):
            msg = f"{self.revision.shown}: {direction} left the version table at {heads}, expected it to move"
            raise HistoryError(msg)
        noise = self.recorded.noise.taken()
        statements = tuple(recorded.statements)
        return Step(self.revision.id, direction, statements, recorded.elapsed_ms, None, *noise, bare=True)


def _following(trip: Trip, came: Came) -> Direction | Made:
    """Return the step that a trip needs after this one; the trip itself where that was the last."""
    try:
        return trip.send(came)
    except StopIteration as ended:
        made: Made = ended.value
        return made


def _is_activation(ground: Ground, revision: Revision) -> bool:
    """Return whether more is run between the steps."""
    declaration = ground.itinerary.declaration(revision)
    return declaration is not None and declaration.activates is not None
