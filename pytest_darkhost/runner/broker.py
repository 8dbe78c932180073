"""
Sends a plan from a background event loop. Each owner's observations become available as soon as its last
probe has answered, so that a waiting test starts early and an abandoned run stops paying.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from pytest_darkhost.observations import Observation, Observations
from pytest_darkhost.plan import Owner, Plan
from pytest_darkhost.runner.desk import Desk
from pytest_darkhost.runner.gate import Gate
from pytest_darkhost.runner.lanes import Lane
from pytest_darkhost.runner.ledger import Ledger
from pytest_darkhost.runner.probing import MakeAdapter, VenueRun
from pytest_darkhost.secrets import Redactor


@dataclass(frozen=True, slots=True)
class Status:
    """How far a run is."""

    done: Mapping[str, int]
    """Calls that were answered, by venue."""
    planned: Mapping[str, int]
    """All calls, by venue."""
    in_flight: tuple[str, ...]
    """Ids of the probes that are under way."""
    spent_usd: Decimal
    cap_usd: Decimal | None = None
    """What the run may spend at most; `None`: nobody has said."""


class Broker:
    """
    The one sender of a process. Lanes run side by side, the probes of a lane one after the other.

    Eager, it starts all lanes at once; lazy, each when somebody first asks for its observations, so that
    the workers of pytest-xdist send no probe twice.

    :param together: the lanes that are started with a lane, itself among them; one that is not there starts alone.
    """

    def __init__(
        self,
        plan: Plan,
        venues: Sequence[VenueRun],
        *,
        ledger: Ledger,
        redactor: Redactor,
        make_adapter: MakeAdapter,
        log_directory: Path,
        together: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._together = together or {}
        self._plan = plan
        self._owners = tuple(dict.fromkeys(Owner(probe.venue, probe.model) for probe in plan.probes))
        self._planned = Counter(probe.venue for probe in plan.probes)
        self._cap_usd = ledger.cap_over(self._planned)
        self._futures: Mapping[Owner, Future[tuple[Observation, ...]]] = {owner: Future() for owner in self._owners}
        self._desk = Desk(ledger, redactor, make_adapter, log_directory)
        self._lanes = _lanes(plan, venues, self._futures, self._desk)
        self._started: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="darkhost-broker", daemon=True)
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = False
        self._thread.start()

    def start_all(self) -> None:
        """Start every lane."""
        self._start(*self._lanes)

    def observations(self, venue: VenueRun, model: str | None) -> Observations:
        """
        Return what was seen of a venue, or of a target. Blocks until its last probe has answered.

        :raises BaseException: what broke in our own code while probing.
        """
        self._start_with(venue.spec.lane)
        future = self._futures.get(Owner(venue.spec.venue, model))
        return grouped(future.result() if future else ())

    def waits(self, venue: VenueRun, model: str | None) -> "Future[tuple[Observation, ...]] | None":
        """Return what to wait for before `observations` answers at once; starts the lane."""
        self._start_with(venue.spec.lane)
        return self._futures.get(Owner(venue.spec.venue, model))

    @property
    def redactor(self) -> Redactor:
        """Knows the keys of the managed venues that were started, too."""
        return self._desk.redactor

    def answered(self) -> Mapping[Owner, tuple[Observation, ...]]:
        """Return what was seen so far, by owner: those whose last probe has answered, or will never be sent."""
        done = ((owner, future) for owner, future in self._futures.items() if future.done())
        return {owner: future.result() for owner, future in done if future.exception() is None}

    def status(self) -> Status:
        """Return how far the run is. Safe to call from any thread."""
        desk = self._desk
        return Status(desk.done, self._planned, tuple(desk.in_flight), desk.spent_usd, self._cap_usd)

    def close(self) -> None:
        """Stop sending at once, stop managed processes, and end the thread. Idempotent."""
        if self._closed:
            return
        self._closed = True
        self._loop.call_soon_threadsafe(self._cancel)
        self._thread.join()

    def _start_with(self, lane: str) -> None:
        self._start(*self._together.get(lane, (lane,)))

    def _start(self, *names: str) -> None:
        lanes = [self._lanes[name] for name in names if name in self._lanes and name not in self._started]
        if lanes and not self._closed:
            self._started.update(lane.name for lane in lanes)
            self._loop.call_soon_threadsafe(self._spawn, lanes)

    def _spawn(self, lanes: list[Lane]) -> None:
        self._desk.lag.start()
        gate = Gate(lane.name for lane in lanes)
        self._tasks += [self._loop.create_task(lane.run(gate)) for lane in lanes]

    def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._loop.create_task(self._finish())

    async def _finish(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            self._desk.readings.finish()
            for name in self._lanes.keys() - self._started:
                self._lanes[name].abandon()
        finally:  # whatever breaks, nobody may wait for this loop for ever
            self._desk.lag.stop()
            self._loop.stop()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()


def _lanes(
    plan: Plan,
    venues: Sequence[VenueRun],
    futures: Mapping[Owner, "Future[tuple[Observation, ...]]"],
    desk: Desk,
) -> Mapping[str, Lane]:
    """Return the lanes that have anything to send, by name."""
    members: dict[str, list[VenueRun]] = {}
    for venue in venues:
        if plan.of_venue(venue.spec.venue).probes:
            members.setdefault(venue.spec.lane, []).append(venue)
    return {name: Lane(tuple(runs), plan, futures, desk) for name, runs in members.items()}


def grouped(observations: tuple[Observation, ...]) -> Observations:
    """Return observations by the name of their probe."""
    names = dict.fromkeys(observation.probe.name for observation in observations)
    groups = {name: tuple(o for o in observations if o.probe.name == name) for name in names}
    return Observations(MappingProxyType(groups))
