"""
How the steps of a round trip are run: each by a run of `env.py`, as by those who type them; or all in one.

One run takes less time, but may hide what `env.py` does besides running Alembic: it does that once, instead
of before or after each step. So the first round trip is made run by run. Where `env.py` did nothing besides, the next
ones are made in one run, each step committed and the session then put back to its beginning. Where that does not give
what a new run would find, the run ends there, and runs of their own follow. Only if `env.py` did something besides
after all, the same round trip is made again, run by run, and so are all that follow.
"""

from collections.abc import Generator, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.heard import Heard, Recorded
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.isolation import put_back
from pytest_darkhost.migrations.sessions import Session
from pytest_darkhost.migrations.snapshots.values import Snapshot
from pytest_darkhost.migrations.steps import Direction, Step
from pytest_darkhost.migrations.telling import told
from pytest_darkhost.migrations.trips import Came, Made, Trip, round_trip

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

    from pytest_darkhost.migrations.lock_record import LockRecord

_BEFORE_LAST = 2
"""So many steps are committed on the way, at most."""


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
        else:
            made = run_by_run(ground, revision, trip)
        self._learn(made)
        return made

    def _learn(self, made: Made | None) -> None:
        bare = made is not None and all(step.bare for step in made[0].steps)
        if self._one_run_will_do is not None:
            self._one_run_will_do = self._one_run_will_do and bare
        elif made is not None and made[1] is not None:
            self._one_run_will_do = bare


def run_by_run(ground: Ground, revision: Revision, trip: Trip) -> Made:
    """Return what comes of a trip whose steps are runs of `env.py`. Raises `HistoryError`, see `Workplace.run`."""
    next(trip)
    return completed(ground, revision, trip, following(trip, ground.run_watched(revision)))


def completed(ground: Ground, revision: Revision, trip: Trip, asked: Direction | Made) -> Made:
    """
    Return the same of a trip that was begun.

    :param asked: what it needs next; itself where it has ended.
    """
    while isinstance(asked, Direction):
        asked = following(trip, (ground.run(revision, asked, then_snapshot=True), None))
    return asked


@dataclass(slots=True)
class _OneRun:
    """Of `env.py`, for a whole trip. On PostgreSQL: what a session keeps can be discarded there between two steps."""

    ground: Ground
    revision: Revision
    trip: Trip
    recorded: Recorded = field(default_factory=Recorded)
    watching: ExitStack = field(default_factory=ExitStack)
    locks: "LockRecord | None" = None
    asked: Direction | Made = Direction.UP
    """The step that is run, or what comes after those that were."""
    committed: int = 0
    """How many steps were, on the way."""
    is_between: bool = False
    """Whether the last one was, and none is begun since."""

    def made(self) -> Made | None:
        """
        Return what comes of it; `None` where `env.py` did more than once would have been enough for.

        :raises HistoryError: see `Workplace.run`.
        """
        workplace = self.ground.workplace
        workplace.say(Direction.UP, self.revision.id)
        self.asked = next(self.trip)
        with self.watching, ExitStack() as running:
            self.locks = self.watching.enter_context(self.ground.locks_watched())

            def steps(heads: Iterable[str], context: "MigrationContext") -> Iterable[Any]:
                return running.enter_context(closing(self.steps(frozenset(heads), context)))

            heard = workplace.through_env(steps, self.recorded, then_snapshot=True)
        if self.committed and self.has_missed(heard):
            return None
        if not self.is_between and isinstance(self.asked, Direction):
            self.tell(told(workplace, self.revision, self.asked, self.recorded, heard))
        return completed(self.ground, self.revision, self.trip, self.asked)

    def has_missed(self, heard: Heard) -> bool:
        """Return whether a run of its own would have been something else for a step that was committed on the way."""
        ended_badly = self.is_between and heard.error is not None
        return ended_badly or heard.loud or self.recorded.contexts > 1 or bool(self.ground.workplace.besides)

    def steps(self, heads: frozenset[str], context: "MigrationContext") -> Generator[Any]:
        """Yield what Alembic is to run; look at the database whenever it has done so. The last one `env.py` ends."""
        session = Session.of(context)
        moved = heads.difference(self.revision.below) | {self.revision.id}
        there = heads
        while there == (moved if self.asked is Direction.DOWN else heads) and isinstance(self.asked, Direction):
            self.is_between = False
            step = self.ground.workplace.step(self.revision, self.asked, context, self.recorded)
            step.migration_fn = put_back()(step.migration_fn)
            yield step
            if self.committed == _BEFORE_LAST or self.has_said_something() or not session.may_be_put_back():
                return
            there = self.commit(session)

    def has_said_something(self) -> bool:
        """Return whether `env.py` did something before the step that was run."""
        return self.recorded.loud or bool(self.ground.workplace.besides)

    def commit(self, session: Session) -> frozenset[str]:
        """Commit what was done, and tell of it; return at which revisions the database is then."""
        workplace, recorded = self.ground.workplace, self.recorded
        session.commit()
        self.is_between, self.committed = True, self.committed + 1
        session.put_back()
        self.watching.close()
        heads = workplace.observer.heads(session.context, then_snapshot=True, altered=recorded.altered)
        output, warnings = recorded.noise.taken()
        assert isinstance(self.asked, Direction)
        heard = Heard(heads=heads, output=output, warnings=warnings)
        self.tell(told(workplace, self.revision, self.asked, recorded, heard))
        recorded.begin_anew()
        return frozenset(heads)

    def tell(self, step: Step) -> None:
        """Let the trip go on with a step that was run."""
        self.asked = following(self.trip, (step, self.locks))


def following(trip: Trip, came: Came) -> Direction | Made:
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
