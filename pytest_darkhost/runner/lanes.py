"""
A lane: the venues that must not be probed at the same time, because they are one venue or one process.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_darkhost.errors import ServeError
from pytest_darkhost.observations import ErrorKind, Observation
from pytest_darkhost.plan import Owner, Plan
from pytest_darkhost.probes import Probe
from pytest_darkhost.runner.gate import Gate
from pytest_darkhost.runner.ledger import Ledger
from pytest_darkhost.runner.patience import Patience
from pytest_darkhost.runner.probing import MakeAdapter, Sender, VenueRun, adapter_of, failed, place_of
from pytest_darkhost.secrets import Credential, Redactor
from pytest_darkhost.transport.clock import LoopLag

if TYPE_CHECKING:
    from pytest_darkhost.runner.managed import ManagedVenue

OwnerFutures = Mapping[Owner, "Future[tuple[Observation, ...]]"]


@dataclass(slots=True)
class Desk:
    """What the lanes of one broker share. Written by the broker's loop alone, read by anybody."""

    ledger: Ledger
    redactor: Redactor
    make_adapter: MakeAdapter
    log_directory: Path
    lag: LoopLag = field(default_factory=LoopLag)
    """The one heartbeat of the loop."""
    done: dict[str, int] = field(default_factory=dict)
    """Calls that were answered, by venue."""
    spent_usd: Decimal = Decimal(0)
    in_flight: dict[str, None] = field(default_factory=dict)

    def began(self, probe: Probe) -> None:
        """Note that a probe is under way."""
        self.in_flight = {**self.in_flight, probe.id: None}

    def ended(self, probe: Probe, cost_usd: Decimal) -> None:
        """Note that a probe has answered."""
        self.in_flight = {name: None for name in self.in_flight if name != probe.id}
        self.done = {**self.done, probe.venue: self.done.get(probe.venue, 0) + 1}
        self.spent_usd += cost_usd


@dataclass(frozen=True, slots=True)
class Lane:
    """Sends the probes of its venues one after the other and fills their owners' futures."""

    venues: tuple[VenueRun, ...]
    plan: Plan
    futures: OwnerFutures
    desk: Desk

    @property
    def name(self) -> str:
        """What its venues have in common."""
        return self.venues[0].spec.lane

    async def run(self, gate: Gate) -> None:
        """Send everything, from when the gate opens. Whatever happens, every future of the lane is filled."""
        try:
            async with self._served(gate) as managed, AsyncExitStack() as stack:
                senders = [await stack.enter_async_context(open_sender(v, managed, self.desk)) for v in self.venues]
                for sender in senders:
                    await sender.client.prepare()
                await gate.passed(self.name)
                for sender in senders:
                    await self._probe_venue(sender)
        except ServeError as error:
            self._fill(ErrorKind.NOT_SERVED, str(error))
        except asyncio.CancelledError:
            self.abandon()
        except Exception as error:
            for future in self._unfilled().values():
                future.set_exception(error)
        finally:
            gate.arrive(self.name)

    def abandon(self) -> None:
        """Fill what is unfilled: nothing more will be sent."""
        self._fill(ErrorKind.CANCELLED, "the run was stopped before this call was sent")

    @asynccontextmanager
    async def _served(self, gate: Gate) -> "AsyncIterator[ManagedVenue | None]":
        serve = self.venues[0].spec.serve
        if serve is None:
            yield None
            return
        # To start a process may take a minute. Hosted venues need not wait for it.
        gate.arrive(self.name)
        from pytest_darkhost.runner.managed import ManagedProcess

        process = ManagedProcess(serve, log_directory=self.desk.log_directory, redact=self.desk.redactor.clean)
        try:
            managed = await process.start()
            self.desk.redactor = self.desk.redactor.also(managed.key)
            yield managed
        finally:
            await _to_its_end(process.stop())

    async def _probe_venue(self, sender: Sender) -> None:
        spec = sender.run.spec
        patience = Patience(spec.ceilings.rate_limit_wait_ms)
        for owner in (Owner(spec.venue, model) for model in (None, *(model.slug for model in spec.models))):
            probes = self.plan.of(owner)
            if probes:
                self.futures[owner].set_result(await self._observe_all(sender, probes, patience))

    async def _observe_all(
        self, sender: Sender, probes: tuple[Probe, ...], patience: Patience
    ) -> tuple[Observation, ...]:
        """Send an owner's probes, as far apart as the venue asks. What lies beyond our bound is not sent."""
        patience.turn_to_another()
        seen = []
        for probe in probes:
            refusal = patience.refusal()
            if refusal is not None:
                self.desk.ended(probe, Decimal(0))
                seen.append(failed(probe, ErrorKind.RATE_LIMITED, refusal))
                continue
            waited_s = await patience.wait()
            observation = await self._observe(sender, probe)
            patience.note(observation)
            seen.append(replace(observation, rate_limit_wait_s=waited_s))
        return tuple(seen)

    async def _observe(self, sender: Sender, probe: Probe) -> Observation:
        self.desk.began(probe)
        cost = Decimal(0)
        try:
            observation = await sender.observe(probe)
            cost = observation.cost_usd
        except Exception as error:
            observation = failed(probe, ErrorKind.INTERNAL, sender.redactor.clean(place_of(error)))
        finally:
            self.desk.ended(probe, cost)
        return observation

    def _unfilled(self) -> OwnerFutures:
        names = {venue.spec.venue for venue in self.venues}
        return {o: future for o, future in self.futures.items() if o.venue in names and not future.done()}

    def _fill(self, kind: ErrorKind, message: str) -> None:
        for owner, future in self._unfilled().items():
            future.set_result(tuple(failed(probe, kind, message) for probe in self.plan.of(owner)))


async def _to_its_end(stopping: Coroutine[None, None, None]) -> None:
    """Await what must not be left half done, also when the lane is cancelled meanwhile."""
    task = asyncio.ensure_future(stopping)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


@asynccontextmanager
async def open_sender(venue: VenueRun, managed: "ManagedVenue | None", desk: Desk) -> AsyncIterator[Sender]:
    """Yield the sender of one venue: a client of its own, and the team's adapter if there is one."""
    from pytest_darkhost.transport.client import TargetClient

    credential: Credential | None = managed.key if managed else venue.credential
    redactor = desk.redactor.also(credential)
    client = TargetClient(venue.spec, credential=credential, redactor=redactor, lag=desk.lag)
    try:
        adapter = adapter_of(desk.make_adapter, venue.spec, client.http_client())
        yield Sender(venue, client, adapter, desk.ledger, redactor, port=managed.port if managed else None)
    finally:
        # The run may end, and with it the loop, while we close: once the last answer is there nobody waits for us.
        await _to_its_end(client.aclose())
