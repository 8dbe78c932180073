"""Cases of the matrix of venues, faults and checks, and how many of them are driven side by side."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_darkhost.transport.clock import LoopLag
from support.driving import Smoked, smoke
from support.expected_verdicts import Deviations
from support.faults import Fault
from support.loop_thread import LoopThread
from support.venue_server import VenueServer

_AT_ONCE = 8
_GAP_MS = 4.0
_PATIENT: Mapping[str, Any] = {
    "cold_ms": 60_000,
    "warm_ms": 60_000,
    "ttft_ms": 60_000,
    "inter_token_latency_ms": 10_000,
    "tokens_per_second_min": 0.1,
    "cold_to_warm_ratio_max": 10_000,
}
"""Budgets that only a dead venue exceeds: what they judge is tested case by case."""


@dataclass(frozen=True, slots=True)
class Case:
    """A venue with at most one fault, and what is to come of it."""

    name: str
    profile: str
    expected: Deviations
    fault: Fault | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the server."""
    overrides: Mapping[str, Any] = field(default_factory=dict)
    """Keys of the spec."""


@dataclass(frozen=True, slots=True)
class Driven:
    """A case and what came of it."""

    case: Case
    smoked: Smoked
    key_kinds: tuple[str, ...] = ()
    """Kinds of keys that arrived where a redirect pointed."""

    @property
    def deviations(self) -> dict[str, str]:
        """What did not pass."""
        return {name: word for name, word in self.smoked.outcomes.items() if word != "passed"}

    @property
    def as_expected(self) -> bool:
        """Whether the verdicts are those of the case."""
        return self.deviations == dict(self.case.expected)


async def _drive(case: Case, thread: LoopThread, lag: LoopLag) -> Driven:
    overrides = {"defaults": {"latency_budget": _PATIENT}, **case.overrides}
    with VenueServer(thread=thread) as elsewhere:
        settings = {"redirect_to": elsewhere.root_url, "token_gap_ms": _GAP_MS, **case.settings}
        with VenueServer(case.profile, fault=case.fault, thread=thread, **settings) as server:
            smoked = await smoke(server, lag, **overrides)
        return Driven(case, smoked, tuple(seen.key_kind for seen in elsewhere.log))


async def _drive_all(cases: tuple[Case, ...], thread: LoopThread) -> dict[str, Driven]:
    turns = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(case: Case) -> Driven:
        async with turns:
            return await _drive(case, thread, lag)

    async with LoopLag() as lag:
        driven = {one.case.name: one for one in await asyncio.gather(*map(in_turn, cases))}
        for one in [one for one in driven.values() if not one.as_expected]:
            driven[one.case.name] = await _drive(one.case, thread, lag)
    return driven


def drive_all(cases: Iterable[Case], thread: LoopThread) -> dict[str, Driven]:
    """
    Return what came of each case, by name.

    A few are driven at once. One whose verdicts are not as expected is driven again, alone: on a machine that is
    busy with the others all events of a stream may arrive together, and then its pace cannot be told.
    """
    return asyncio.run(_drive_all(tuple(cases), thread))
