"""
One probe from plan to observation: reserve, build, send, read, settle.
"""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_darkhost.dialects.reading import read, steps
from pytest_darkhost.dialects.requests import build
from pytest_darkhost.dialects.steps import finished
from pytest_darkhost.dialects.wholeness import came_whole
from pytest_darkhost.errors import AdapterError
from pytest_darkhost.observations import ErrorKind, Exchange, Observation, Phase, ProbeError
from pytest_darkhost.probes import ChatRequest, Key, Probe
from pytest_darkhost.runner.costs import cost_of
from pytest_darkhost.runner.readings import Reading, Readings
from pytest_darkhost.secrets import Credential, Redactor
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.specs.resolution import AdapterPath

if TYPE_CHECKING:
    from pytest_darkhost.runner.ledger import Ledger, Refusal
    from pytest_darkhost.transport.client import TargetClient

Adapter = Callable[[ChatRequest], Awaitable[Any]]
"""A team's production adapter: sends one request and returns its answer, or a stream of it."""
MakeAdapter = Callable[[VenueSpec, Any], "Adapter | None"]
"""Given the venue and the observed HTTP client, returns the team's adapter, or `None` for our own requests."""


@dataclass(frozen=True, slots=True)
class VenueRun:
    """A venue with all that sending to it takes."""

    spec: VenueSpec
    credential: Credential | None
    path: AdapterPath


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends the probes of one venue over one client."""

    run: VenueRun
    client: "TargetClient"
    adapter: "Adapter | None"
    ledger: "Ledger | None"
    """`None` where nothing is paid."""
    redactor: Redactor
    port: int | None = None
    readings: Readings = field(default_factory=Readings)
    """Those of the loop: what they settle may make room below the cap."""

    async def observe(self, probe: Probe) -> Observation:
        """Return what one probe saw. Sends nothing when the cap forbids it."""
        return finished((await self.send(probe)).steps())

    async def send(self, probe: Probe) -> Reading:
        """Return what came of one probe, to be read. Sends nothing when the cap forbids it."""
        refusal = self._refusal(probe)
        if refusal is not None:
            return Reading.of(failed(probe, refusal.kind, refusal.message))
        if self.adapter is not None and probe.request is not None and probe.key is Key.VENUE:
            return Reading.of(self._settled(await self._send_by_adapter(probe, self.adapter, probe.request)))
        request = build(self.run.spec, probe, self.run.path, port=self.port)
        exchange = await self.client.send(request, key=probe.key, fresh=probe.fresh_connection)
        known = Observation(probe=probe, exchange=exchange, error=exchange.error)
        return Reading(known, partial(self._read, probe, exchange), came_whole(self.run.spec, probe, exchange))

    def _refusal(self, probe: Probe) -> "Refusal | None":
        refusal = self.ledger.reserve(probe) if self.ledger else None
        if self.ledger and refusal is not None and self.readings.finish():
            # An answer that was not read yet was held at its worst case.
            return self.ledger.reserve(probe)
        return refusal

    def _read(self, probe: Probe, exchange: Exchange) -> Generator[None, None, Observation]:
        return self._settled((yield from steps(self.run.spec, probe, exchange)))

    def _settled(self, observation: Observation) -> Observation:
        cost = cost_of(self.run.spec, observation)
        if self.ledger:
            self.ledger.settle(observation.probe, cost)
        return replace(observation, cost_usd=cost)

    async def _send_by_adapter(self, probe: Probe, adapter: Adapter, request: ChatRequest) -> Observation:
        exchange, raised = await self.client.record(lambda: _drained(adapter(request)), fresh=probe.fresh_connection)
        problem = None if raised is None else self.redactor.clean(f"{type(raised).__name__}: {_one_line(raised)}")
        if exchange is None:
            error = ProbeError(ErrorKind.ADAPTER, problem, Phase.PLAN) if problem else None
            return Observation(probe=probe, exchange=None, error=error, adapter_problem=problem)
        return self._judged_by_adapter(read(self.run.spec, probe, exchange), exchange, raised, problem)

    @staticmethod
    def _judged_by_adapter(
        observation: Observation, exchange: Exchange, raised: BaseException | None, problem: str | None
    ) -> Observation:
        """
        Keep what the adapter raised, unless it only repeats what the wire says already.

        A hidden retry is the error of the probe, whatever the one answer was: production would not have seen that one.
        """
        hidden_retry = isinstance(raised, AdapterError) or isinstance(getattr(raised, "__cause__", None), AdapterError)
        if hidden_retry and problem:
            error = ProbeError(ErrorKind.ADAPTER, problem, status=exchange.status)
            return replace(observation, error=error, adapter_problem=problem)
        if observation.error is None and exchange.error is None:
            return replace(observation, adapter_problem=problem)
        return observation


def adapter_of(make: MakeAdapter, spec: VenueSpec, http_client: Any) -> "Adapter | None":
    """Return the team's adapter. Where its hook fails, one that says so: then each call that needs it fails."""
    try:
        adapter = make(spec, http_client)
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # pytest.skip() and pytest.fail() are no `Exception`s
        return _broken(place_of(error))
    if adapter is None or callable(adapter):
        return adapter
    return _broken(f"a {type(adapter).__name__}, expected a function of a ChatRequest, or None")


def _broken(problem: str) -> Adapter:
    async def adapter(_request: ChatRequest) -> None:
        msg = f"pytest_darkhost_adapter: {problem}"
        raise AdapterError(msg)

    return adapter


def place_of(error: BaseException) -> str:
    """Return one line with the place in the code, the type and the text of an error."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}: {type(error).__name__}: {error}".splitlines()[0]


async def _drained(answer: Awaitable[Any]) -> None:
    """Await an adapter's answer and, where it is a stream, read it to its end."""
    result = await answer
    if isinstance(result, AsyncIterator) or hasattr(result, "__aiter__"):
        async for _ in result:
            pass


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300]


def failed(probe: Probe, kind: ErrorKind, message: str) -> Observation:
    """Return the observation of a probe that was not sent."""
    return Observation(probe=probe, exchange=None, error=ProbeError(kind, message, Phase.PLAN))
