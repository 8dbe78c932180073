"""A lane waits as long as its venue asks, within a bound, and what it waits is in no latency."""

import asyncio
from datetime import UTC, datetime

import pytest

from checks.factory import make_exchange
from pytest_darkhost.observations import ErrorKind, Observation, ProbeError
from pytest_darkhost.probes import Probe, ProbeName
from pytest_darkhost.runner import patience
from pytest_darkhost.runner.patience import Patience
from runner.test_broker import opened  # noqa: F401 - a fixture
from support.faults import Fault
from support.venue_server import VenueServer

PROBE = Probe(ProbeName.WARM, "acme", "small", sample=2)
USED_UP = (("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "1.5s"))


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the waits, of which none is made."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(patience, "sleep", sleep)
    return waits


def limited(retry_after_s: float | None, kind: ErrorKind = ErrorKind.RATE_LIMITED) -> Observation:
    """Return a call that the venue refused."""
    return Observation(PROBE, make_exchange(status=429), ProbeError(kind, "no", retry_after_s=retry_after_s))


def answered(*headers: tuple[str, str]) -> Observation:
    """Return a call that was answered."""
    return Observation(PROBE, make_exchange(headers=headers))


@pytest.mark.parametrize(
    ("seen", "waits"),
    [
        (limited(7.0), [7.0]),
        (limited(7.0, ErrorKind.OVERLOADED), [7.0]),
        (limited(0.0), []),
        (limited(None), []),
        (limited(7.0, ErrorKind.BAD_REQUEST), []),
        (answered(*USED_UP), [1.5]),
        (answered(("retry-after", "1")), []),
        (answered(), []),
    ],
    ids=["429", "overloaded", "at once", "no word", "other error", "used up", "retry-after on 200", "nothing"],
)
def test_what_is_waited(slept: list[float], seen: Observation, waits: list[float]) -> None:
    """Once: the request after the next waits no more."""
    lane = Patience(30_000)
    lane.note(seen)

    async def run() -> None:
        assert await lane.wait() == sum(waits)
        assert await lane.wait() == 0

    asyncio.run(run())
    assert (lane.refusal(), slept) == (None, waits)


def test_a_limit_that_is_used_up_for_long_is_waited_for_within_the_bound(slept: list[float]) -> None:
    """The call was answered: the next is tried after as long as we wait at most."""
    lane = Patience(1000)
    lane.note(answered(*USED_UP))

    assert asyncio.run(lane.wait()) == 1.0
    assert slept == [1.0]


def test_what_lies_beyond_the_bound_is_not_sent() -> None:
    """The text says who asked for what; another target of the venue is tried."""
    lane = Patience(1000)
    lane.note(limited(3600.0))

    assert lane.refusal() == (
        "not sent: after warm[2] the venue asked to wait 3600 s, expected at most 1 s (ceilings.rate_limit_wait_ms)"
    )
    lane.turn_to_another()
    assert lane.refusal() is None


def test_a_lane_sends_no_more_to_a_target_that_asked_for_too_much(opened) -> None:  # noqa: F811
    """One call is refused for 7 s; with a bound of 10 ms the other three are not sent, and say why."""
    names = frozenset({ProbeName.COLD, ProbeName.WARM})
    options = {"ceilings": {"rate_limit_wait_ms": 10}, "defaults": {"samples": {"warm": 3}}}
    with VenueServer(fault=Fault.RATE_LIMITED) as server:
        broker, runs = opened(server, names=names, **options)
        seen = list(broker.observations(runs[0], runs[0].spec.models[0].slug))
        calls = len(server.log)

    assert calls == 1
    assert [o.error.kind for o in seen] == [ErrorKind.RATE_LIMITED] * 4
    assert [o.exchange is None for o in seen] == [False, True, True, True]
    assert sum(broker.status().done.values()) == 4


def test_a_wait_is_seen_beside_the_call_and_in_none_of_its_times(
    opened,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first call is refused for 7 s. The next is issued, and its times begin, once that is over."""
    ended: list[datetime] = []

    async def sleep(_seconds: float) -> None:
        ended.append(datetime.now(UTC))

    monkeypatch.setattr(patience, "sleep", sleep)
    with VenueServer(fault=Fault.RATE_LIMITED, times=1) as server:
        broker, runs = opened(server)
        cold, warm = broker.observations(runs[0], runs[0].spec.models[0].slug)

    assert (cold.rate_limit_wait_s, warm.rate_limit_wait_s) == (0.0, 7.0)
    assert warm.exchange.started_at >= ended[0]
