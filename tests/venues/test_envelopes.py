"""The errors of all ten hosted venues, each in its own envelope, are read as the same few kinds."""

import asyncio

import pytest

from pytest_darkhost.observations import ErrorKind, Observation
from pytest_darkhost.plan import Plan
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.specs.resolution import adapter_path
from pytest_darkhost.transport.clock import LoopLag
from support.asked import Kind
from support.driving import ADAPTER_PATHS, observe, plan_for
from support.faults import Fault
from support.loop_thread import LoopThread
from support.profiles import HOSTED
from support.spec_factory import target
from support.venue_server import VenueServer

KINDS = {
    Fault.NO_CREDIT: ErrorKind.NO_CREDIT,
    Fault.INSUFFICIENT_QUOTA: ErrorKind.NO_CREDIT,
    Fault.RATE_LIMITED: ErrorKind.RATE_LIMITED,
    Fault.SERVER_ERROR: ErrorKind.SERVER_ERROR,
    Fault.UNAVAILABLE: ErrorKind.OVERLOADED,
    Fault.OVERLOADED: ErrorKind.OVERLOADED,
    Fault.KEY_ECHOED: ErrorKind.AUTH_REFUSED,
}


def ask(server: VenueServer, names: set[str]) -> tuple[Observation, ...]:
    """Return what probes of these names saw."""
    spec, _ = target(server)
    plan = Plan(tuple(probe for probe in plan_for(spec).probes if probe.name in names))

    async def run() -> tuple[Observation, ...]:
        async with LoopLag() as lag:
            return await observe(spec, adapter_path(spec, ADAPTER_PATHS), plan, lag)

    return asyncio.run(run())


@pytest.mark.parametrize("fault", KINDS, ids=str)
@pytest.mark.parametrize("name", HOSTED)
def test_an_error_is_told_by_its_envelope(thread: LoopThread, name: str, fault: Fault) -> None:
    """Whatever the shape, the kind is the same; 403 is no credit at Novita, and 429 can be."""
    with VenueServer(name, fault=fault, on=frozenset({Kind.CHAT}), thread=thread) as server:
        (seen,) = ask(server, {ProbeName.COLD})
    assert seen.error is not None
    assert (seen.error.kind, seen.answer) == (KINDS[fault], None)


@pytest.mark.parametrize("name", HOSTED)
def test_refusals_are_told_apart(thread: LoopThread, name: str) -> None:
    """A wrong key and an unknown model, though both may be 400 or 404."""
    with VenueServer(name, thread=thread) as server:
        key, model = ask(server, {ProbeName.REFUSED_KEY, ProbeName.UNKNOWN_MODEL})
    assert key.error is not None
    assert model.error is not None
    assert (key.error.kind, model.error.kind) == (ErrorKind.AUTH_REFUSED, ErrorKind.NO_SUCH_MODEL)


def test_a_base_url_that_ends_in_v1_is_a_missing_route(thread: LoopThread) -> None:
    """The stand-in answers the doubled path as the venue would: not at all."""
    with VenueServer("novita", thread=thread) as server:
        spec, _ = target(server, base_url=f"{server.base_url}/v1")
        path = adapter_path(spec, ADAPTER_PATHS)

        async def run() -> tuple[Observation, ...]:
            async with LoopLag() as lag:
                return await observe(spec, path, Plan(plan_for(spec).probes[:1]), lag)

        (seen,) = asyncio.run(run())
    assert seen.error is not None
    assert (seen.error.kind, seen.error.status) == (ErrorKind.NO_SUCH_ROUTE, 404)
