"""Slow stand-in venues: each kind of slowness turns the latency checks that it should, and no others."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from pytest_darkhost.transport.clock import LoopLag
from support.asked import Kind
from support.driving import Smoked, smoke
from support.faults import Fault
from support.loop_thread import LoopThread
from support.venue_server import VenueServer

_CHATS = frozenset({Kind.CHAT, Kind.STREAM})
BUDGET = {
    "cold_ms": 300,
    "warm_ms": 300,
    "ttft_ms": 300,
    "inter_token_latency_ms": 30,
    "tokens_per_second_min": 30,
    "cold_to_warm_ratio_max": 12,
}
"""A healthy stand-in takes a few ms, and waits 20 ms before each answer and 4 ms before each token."""


def drive(thread: LoopThread, fault: Fault | None, **settings: Any) -> Smoked:
    """Return what came of one slow venue."""

    async def run() -> Smoked:
        async with LoopLag() as lag:
            return await smoke(server, lag, defaults={"latency_budget": BUDGET})

    with VenueServer("openai", fault=fault, thread=thread, delay_ms=20, token_gap_ms=4, **settings) as server:
        return asyncio.run(run())


SLOW: Mapping[str, tuple[Fault | None, dict[str, Any], set[str]]] = {
    "healthy": (None, {}, set()),
    "headers": (Fault.SLOW_HEADERS, {"ms": 360, "on": _CHATS}, {"latency_cold", "latency_warm", "ttft"}),
    "first-chat": (
        Fault.SLOW_HEADERS,
        {"ms": 360, "on": frozenset({Kind.CHAT}), "times": 1},
        {"latency_cold", "cold_to_warm"},
    ),
    "tokens": (Fault.SLOW_TOKENS, {"ms": 500}, {"inter_token_latency", "throughput"}),
    "stall": (Fault.STALL, {"ms": 150}, set()),
    "late-terminator": (Fault.LATE_TERMINATOR, {"ms": 400}, set()),
}


@pytest.mark.parametrize("name", SLOW)
def test_slowness_turns_the_checks_of_its_phase(thread: LoopThread, name: str) -> None:
    """A late end of a stream turns none: the pace is that of the tokens."""
    fault, settings, expected = SLOW[name]
    outcomes = drive(thread, fault, **settings).outcomes
    assert {check for check, word in outcomes.items() if word != "passed"} == expected


def test_times_are_those_of_the_server(thread: LoopThread) -> None:
    """A delay of 20 and 60 ms is seen as 80 ms to the first token, and what a busy machine adds."""
    smoked = drive(thread, Fault.SLOW_HEADERS, ms=60, on=frozenset({Kind.STREAM}))
    figures = smoked.verdicts["ttft"].figures
    assert isinstance(figures["median_ms"], float)
    assert figures["median_ms"] >= 80
