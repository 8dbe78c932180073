"""
A lane: the venues that must not be probed at the same time, because they are one venue or one process.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Generator, Mapping
from concurrent.futures import Future
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from pytest_darkhost.dialects.steps import finished
from pytest_darkhost.errors import ServeError
from pytest_darkhost.observations import ErrorKind, Observation
from pytest_darkhost.plan import Owner, Plan
from pytest_darkhost.probes import Probe
from pytest_darkhost.runner.desk import Desk
from pytest_darkhost.runner.gate import Gate
from pytest_darkhost.runner.patience import Patience
from pytest_darkhost.runner.probing import Sender, VenueRun, adapter_of, failed, place_of
from pytest_darkhost.runner.readings import Reading
from pytest_darkhost.secrets import Credential

if TYPE_CHECKING:
    from pytest_darkhost.runner.managed import ManagedVenue

OwnerFutures = Mapping[Owner, "Future[tuple[Observation, ...]]"]


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
                await self._observe_all(sender, probes, patience, self.futures[owner])

    async def _observe_all(
        self, sender: Sender, probes: tuple[Probe, ...], patience: Patience, told: "Future[tuple[Observation, ...]]"
    ) -> None:
        """Send an owner's probes, as far apart as the venue asks. What lies beyond our bound is not sent."""
        patience.turn_to_another()
        seen: dict[str, Observation] = {}
        for probe in probes:
            refusal = patience.refusal()
            if refusal is not None:
                self.desk.counted(probe, Decimal(0))
                seen[probe.id] = failed(probe, ErrorKind.RATE_LIMITED, refusal)
                continue
            waited_s = await patience.wait()
            reading = await self._answer(sender, probe)
            taking = self._take(sender, reading, waited_s, seen)
            if reading.can_wait:
                self.desk.readings.put(taking)
                patience.note(reading.known)
            else:
                finished(taking)
                patience.note(seen[probe.id])
        self.desk.readings.after(lambda: told.set_result(tuple(seen[probe.id] for probe in probes)))

    async def _answer(self, sender: Sender, probe: Probe) -> Reading:
        self.desk.began(probe)
        try:
            return await sender.send(probe)
        except Exception as error:
            return Reading.of(_broken(sender, probe, error))
        finally:
            self.desk.ended(probe)

    def _take(
        self, sender: Sender, reading: Reading, waited_s: float, seen: dict[str, Observation]
    ) -> Generator[None, None, None]:
        """Read an answer and keep what it says."""
        probe = reading.known.probe
        try:
            observation = yield from reading.steps()
        except Exception as error:
            observation = _broken(sender, probe, error)
        self.desk.counted(probe, observation.cost_usd)
        seen[probe.id] = replace(observation, rate_limit_wait_s=waited_s)

    def _unfilled(self) -> OwnerFutures:
        # What was answered is told, whatever stopped the rest.
        self.desk.readings.finish()
        names = {venue.spec.venue for venue in self.venues}
        return {o: future for o, future in self.futures.items() if o.venue in names and not future.done()}

    def _fill(self, kind: ErrorKind, message: str) -> None:
        for owner, future in self._unfilled().items():
            future.set_result(tuple(failed(probe, kind, message) for probe in self.plan.of(owner)))


def _broken(sender: Sender, probe: Probe, error: Exception) -> Observation:
    return failed(probe, ErrorKind.INTERNAL, sender.redactor.clean(place_of(error)))


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
        port = managed.port if managed else None
        yield Sender(venue, client, adapter, desk.ledger, redactor, port, desk.readings)
    finally:
        # The run may end, and with it the loop, while we close: once the last answer is there nobody waits for us.
        await _to_its_end(client.aclose())
