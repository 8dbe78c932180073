"""
A history walked once on one database, from base to head: a round trip for each revision that is asked for.

The state after a round trip is that below the next revision, and a database that had to be made anew is kept as a copy
for the next time, so that the cost is linear in the number of revisions.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property

from pytest_darkhost.errors import DarkhostError, DatabaseError
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.itinerary import Itinerary
from pytest_darkhost.migrations.round_trip import NotReached, RoundTrip
from pytest_darkhost.migrations.running import Manner
from pytest_darkhost.migrations.snapshots.values import Snapshot
from pytest_darkhost.migrations.steps import Direction
from pytest_darkhost.migrations.trips import Made
from pytest_darkhost.verdicts import ReasonCode


class Walk:
    """Goes as far as it is asked to. `close` drops what it made, whatever happened."""

    def __init__(self, plan: Callable[[], Itinerary], database: str, open_server: Callable[[], Server]) -> None:
        """
        :param plan: returns what is to be walked; called once, when there is something to run.
        :param database: the word in the ids of tests.
        :param open_server: the same for the server.
        """
        self.database = database
        self._plan = plan
        self._open_server = open_server
        self._seen: dict[str, RoundTrip] = {}
        self._failed: dict[str, str] = {}
        self._applied: list[Revision] = []
        self._server: Server | None = None
        self._ground: Ground | None = None
        self._spare: Ground | None = None
        """A copy of the database in which the first revisions of `_applied` were run, and nothing else."""
        self._spare_height = 0
        self._below: Snapshot | None = None
        self._broken: str | None = None
        self._manner = Manner()

    def trip(self, revision_id: str) -> RoundTrip | NotReached:
        """
        Return the round trip of a revision, walking there first.

        :raises DarkhostError: the walk cannot go on. Later calls return `NotReached` for what was not seen, whatever
            was raised.
        """
        try:
            while not (revision_id in self._seen or revision_id in self._failed or self._broken):
                self._advance(next(self._ahead))
        except BaseException as error:
            self._broken = str(error) if isinstance(error, DarkhostError) else f"{type(error).__name__}: {error}"
            raise
        if revision_id in self._seen:
            return self._seen[revision_id]
        if revision_id in self._failed:
            return NotReached(ReasonCode.REVISION_BELOW_FAILED, self._failed[revision_id])
        return NotReached(ReasonCode.NO_DATABASE, str(self._broken).splitlines()[0])

    @cached_property
    def itinerary(self) -> Itinerary:
        """What is to be walked. Raises `DarkhostError`."""
        return self._plan()

    @cached_property
    def _ahead(self) -> Iterator[Revision]:
        return iter(self.itinerary.history.revisions)

    def close(self) -> None:
        """Drop what was made. Twice does no harm."""
        self._leave()
        if self._spare is not None:
            self._spare.close()
            self._spare = None

    def _advance(self, revision: Revision) -> None:
        """Run one revision, and judge what it builds on first."""
        reason = next((self._failed[below] for below in revision.below if below in self._failed), None)
        if reason:
            self._failed[revision.id] = reason
            return
        ground = self._ready()
        if revision.id in self.itinerary.wanted:
            trip, after = self._made(ground, revision)
            self._seen[revision.id] = trip
            raised = trip.upgrade.raised
        else:
            raised, after = ground.run(revision, Direction.UP).raised, None
        if raised:
            self._failed[revision.id] = f"{revision.id}, on which it builds, failed: {raised}"
        else:
            self._applied.append(revision)
        if raised or (after is None and revision.id in self.itinerary.wanted):
            self._leave()  # what it left behind is not what later revisions should find
        elif ground.put_rows(revision.id):
            after = None
        self._below = after

    def _made(self, ground: Ground, revision: Revision) -> Made:
        """Return a round trip, made again in another database where one run of `env.py` was not enough for it."""
        made = self._manner.made(ground, revision, self.database, self._below or ground.snapshot())
        if made is None:
            self._leave()
            ground = self._ready()
            made = self._manner.made(ground, revision, self.database, ground.snapshot())
        assert made is not None, "run by run, every trip ends"
        return made

    def _ready(self) -> Ground:
        """Return the database with everything that was run so far."""
        if self._server is None:
            self._server = self._open_server()
        if self._ground is None:
            self._ground = self._made_anew(self._server)
        return self._ground

    def _made_anew(self, server: Server) -> Ground:
        """Return a database with everything that was run so far, and keep a copy of it."""
        spare, self._spare = self._spare, None
        height = self._spare_height if spare else 0
        ground = Ground.at(self.itinerary, server, self._applied[height:], spare)
        if self._applied:
            with suppress(DatabaseError):  # somebody is connected: the next one is made from the beginning
                self._spare = ground.copy()
                self._spare_height = len(self._applied)
        return ground

    def _leave(self) -> None:
        """Drop the database that is worked in."""
        if self._ground is not None:
            self._ground.close()
            self._ground = None
