"""Faults that need a clock, a size or another venue, where they are planted, and ports where nothing answers."""

import json
import socket
import time
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any

import pytest

from support.asked import Kind
from support.fault_kinds import default_kinds
from support.faults import Fault
from support.loop_thread import LoopThread
from support.plain_client import Received, exchange, request_bytes
from support.ports import dead_port, silent_port
from support.venue_server import VenueServer


def ask(thread: LoopThread, name: str, fault: Fault, kind: Kind, **settings: Any) -> Received:
    """Return what a venue with a fault answers to one request."""
    timeout_s = settings.pop("timeout_s", 5.0)
    with VenueServer(name, fault=fault, thread=thread, **settings) as server:
        return exchange(server, kind, timeout_s=timeout_s)


def body(received: Received) -> Any:
    """Return the body as JSON."""
    return json.loads(received.body)


def text(received: Received) -> str:
    """Return what an OpenAI chat says."""
    return str(body(received)["choices"][0]["message"]["content"])


@pytest.mark.parametrize("kind", [Kind.CHAT, Kind.STREAM])
def test_hang_never_answers(thread: LoopThread, kind: Kind) -> None:
    """The connection stays open and silent."""
    assert ask(thread, "openai", Fault.HANG, kind, timeout_s=0.05) == Received(b"", "timeout")


def test_an_endless_body_drips(thread: LoopThread) -> None:
    """More comes as long as one waits, and the end never."""
    with (
        VenueServer("openai", fault=Fault.ENDLESS_BODY, thread=thread) as server,
        socket.create_connection(("127.0.0.1", server.port), 1.0) as connection,
    ):
        connection.sendall(request_bytes(server, Kind.CHAT))
        received = [connection.recv(4096) for _ in range(5)]
    assert all(received)
    assert not received[-1].endswith(b"0\r\n\r\n")


def test_a_huge_body_is_still_good_json(thread: LoopThread) -> None:
    """Blanks behind the value, as many as asked for."""
    received = ask(thread, "openai", Fault.HUGE_BODY, Kind.CHAT, size=300_000)
    assert len(received.body) > 300_000
    assert text(received) == "lighthouse"


def gaps_ms(thread: LoopThread, fault: Fault) -> list[float]:
    """Return the times between the writes of one stream whose own gap is 0."""
    with VenueServer("openai", fault=fault, thread=thread, ms=60) as server:
        exchange(server, Kind.STREAM)
        writes = server.writes
    return [(later - earlier) / 1e6 for earlier, later in pairwise(writes)]


def test_slow_headers_come_late(thread: LoopThread) -> None:
    """By `ms`."""
    start = time.perf_counter()
    ask(thread, "openai", Fault.SLOW_HEADERS, Kind.CHAT, ms=60)
    assert time.perf_counter() - start >= 0.06


def test_slow_tokens_are_all_slow(thread: LoopThread) -> None:
    """A tenth of `ms` before each."""
    assert min(gaps_ms(thread, Fault.SLOW_TOKENS)) >= 5.5


def test_a_stall_is_one_long_gap(thread: LoopThread) -> None:
    """One gap of `ms`, the others short."""
    gaps = sorted(gaps_ms(thread, Fault.STALL))
    assert gaps[-1] >= 59
    assert gaps[len(gaps) // 2] < 20


def test_a_late_terminator_comes_after_two_gaps(thread: LoopThread) -> None:
    """Half of `ms` before each of the last two writes."""
    assert min(gaps_ms(thread, Fault.LATE_TERMINATOR)[-2:]) >= 29


def test_five_events_share_a_write(thread: LoopThread) -> None:
    """16 events and a terminator in four writes."""
    with VenueServer("openai", fault=Fault.FIVE_PER_WRITE, thread=thread) as server:
        events = exchange(server, Kind.STREAM).events
        assert (len(events), len(server.writes)) == (16, 4)


def test_a_retry_date_is_seven_seconds_ahead(thread: LoopThread) -> None:
    """Of the response's own `Date`."""
    response = ask(thread, "openai", Fault.RATE_LIMITED_DATE, Kind.CHAT).response()
    date, retry = (parsedate_to_datetime(response.getheader(name) or "") for name in ("date", "retry-after"))
    assert (response.status, (retry - date).total_seconds()) == (429, 7.0)


def test_a_redirect_points_elsewhere(thread: LoopThread) -> None:
    """308 to the same path of another base URL."""
    received = ask(thread, "groq", Fault.REDIRECT, Kind.CHAT, redirect_to="http://127.0.0.1:1")
    response = received.response()
    assert (response.status, response.getheader("location")) == (308, "http://127.0.0.1:1/openai/v1/chat/completions")


@pytest.mark.parametrize(("name", "figure"), [("deepinfra", "estimated_cost"), ("xai", "cost_in_usd_ticks")])
def test_a_wrong_cost_is_doubled(thread: LoopThread, name: str, figure: str) -> None:
    """Twice the figure of a healthy answer."""
    with VenueServer(name, thread=thread) as server:
        good = body(exchange(server, Kind.CHAT))["usage"][figure]
    assert body(ask(thread, name, Fault.WRONG_COST, Kind.CHAT))["usage"][figure] == good * 2


@pytest.mark.parametrize("kind", [Kind.CHAT, Kind.STREAM, Kind.TOOL, Kind.TOOL_STREAM])
@pytest.mark.parametrize("fault", sorted(set(Fault) - {Fault.HANG, Fault.ENDLESS_BODY, Fault.ENDLESS_HEADERS}))
def test_faults_work_in_the_other_dialect(thread: LoopThread, fault: Fault, kind: Kind) -> None:
    """Anthropic's shape takes every fault without an error of the stand-in itself."""
    received = ask(thread, "anthropic", fault, kind, on=frozenset({kind}), ms=1, size=1000)
    silent = {Fault.ACCEPT_AND_CLOSE, Fault.NO_ANSWER, Fault.RESET_MID_HEADERS}
    assert (received.data == b"") <= (fault in silent)


def test_faults_keep_to_their_requests(thread: LoopThread) -> None:
    """A fault of streams leaves chats alone."""
    assert default_kinds(Fault.CUT) == {Kind.STREAM}
    assert text(ask(thread, "openai", Fault.CUT, Kind.CHAT)) == "lighthouse"


def test_a_fault_can_start_late_and_end_early(thread: LoopThread) -> None:
    """The first request is answered well, the second is spoiled, the third is well again."""
    with VenueServer("openai", fault=Fault.SERVER_ERROR, skip=1, times=1, thread=thread) as server:
        assert [exchange(server, Kind.CHAT).response().status for _ in range(3)] == [200, 500, 200]


def test_a_dead_port_refuses() -> None:
    """Connection refused, at once."""
    with dead_port() as port, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 1.0)


def test_a_silent_port_accepts_and_says_nothing() -> None:
    """The connection opens; no byte ever comes."""
    with (
        silent_port() as port,
        socket.create_connection(("127.0.0.1", port), 0.05) as connection,
        pytest.raises(TimeoutError),
    ):
        connection.recv(1)
