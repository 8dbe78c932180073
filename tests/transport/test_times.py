"""
Times are those of the wire: against the server's own log, and not those of the reader.
"""

import asyncio
import ssl
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import trustme

from pytest_darkhost.observations import Exchange
from pytest_darkhost.transport.clock import LoopLag
from transport.h2_server import H2Server, listening_h2
from transport.loopback import CHUNKED, OK, Turn, asking, chunk, listening, saying, target_client, venue

pytestmark = pytest.mark.asyncio
STREAM = (CHUNKED + chunk(b"data: 1\n\n"), chunk(b"data: 2\n\n"), chunk(b"data: 3\n\n"), chunk(b""))
TOLERANCE_MS = 250
"""Half of what the servers here wait: a machine may be busy, a wrong stamp is off by the whole."""


def gaps_ms(exchange: Exchange) -> list[float]:
    """Return the times between chunks."""
    return [(after.at_ns - before.at_ns) / 1e6 for before, after in pairwise(exchange.chunks)]


async def test_marks_are_in_order_on_a_fresh_connection() -> None:
    """Each phase ends after the one before, and the end is that of the last byte."""
    async with listening(saying(OK)) as server, target_client(venue(f"http://localhost:{server.port}")) as client:
        exchange = await client.send(asking(f"http://localhost:{server.port}"))
    marks = exchange.marks
    steps = [marks.dns_ns, marks.tcp_ns, marks.request_sent_ns, marks.first_byte_ns, marks.end_ns]
    assert None not in steps
    assert steps == sorted(step for step in steps if step is not None)
    assert marks.tls_ns is None
    assert exchange.chunks[-1].at_ns <= marks.end_ns  # type: ignore[operator]


async def test_an_address_is_not_looked_up() -> None:
    """Without a name there is no time of a lookup."""
    async with listening(saying(OK)) as server, target_client(venue(server.url)) as client:
        exchange = await client.send(asking(server.url))
    assert exchange.marks.dns_ns is None
    assert exchange.marks.tcp_ns is not None


async def test_a_used_connection_has_no_times_of_its_opening() -> None:
    """Warm calls carry no set-up."""
    async with listening(saying(OK, close=False)) as server, target_client(venue(server.url)) as client:
        await client.send(asking(server.url))
        exchange = await client.send(asking(server.url))
    assert (exchange.marks.dns_ns, exchange.marks.tcp_ns, exchange.marks.tls_ns) == (None, None, None)
    assert exchange.marks.request_sent_ns is not None


@pytest.mark.parametrize("first", [True, False], ids=["first call", "second call"])
async def test_the_first_byte_is_as_late_as_the_server_says(first: bool) -> None:
    """The time from the request to the first byte is the server's own, on the first call of a client too."""

    async def thinks(turn: Turn) -> None:
        await asyncio.sleep(0.5)
        await turn.write(OK)

    async with listening(thinks) as server, target_client(venue(server.url)) as client:
        if not first:
            await client.send(asking(server.url))
        exchange = await client.send(asking(server.url))
        turn = server.turns[-1]
    assert exchange.marks.first_byte_ns is not None
    assert exchange.marks.request_sent_ns is not None
    seen_ms = (exchange.marks.first_byte_ns - exchange.marks.request_sent_ns) / 1e6
    true_ms = (turn.written_ns[0] - turn.arrived_ns) / 1e6
    assert abs(seen_ms - true_ms) < TOLERANCE_MS


async def test_chunks_show_the_pauses_of_the_server() -> None:
    """Chunks that the server writes 300 ms apart arrive 300 ms apart."""
    async with listening(saying(*STREAM, pause_s=0.3)) as server, target_client(venue(server.url)) as client:
        exchange = await client.send(asking(server.url))
        written = server.turns[0].written_ns
    true_ms = [(after - before) / 1e6 for before, after in pairwise(written[:3])]
    assert [piece.data for piece in exchange.chunks] == [b"data: 1\n\n", b"data: 2\n\n", b"data: 3\n\n"]
    assert all(abs(gap - true) < 150 for gap, true in zip(gaps_ms(exchange), true_ms, strict=True))
    assert all(gap > 150 for gap in gaps_ms(exchange))


async def test_a_busy_reader_does_not_move_the_times() -> None:
    """
    Bytes are stamped when they arrive, not when an adapter gets round to them.

    The reader is slow without blocking the loop, so a stamp taken by the reader would show its 300 ms.
    """

    async def reads_slowly() -> None:
        async with client.http_client().stream("POST", server.url) as response:
            async for _ in response.aiter_raw():
                await asyncio.sleep(0.3)

    async with listening(saying(*STREAM, pause_s=0.015)) as server, target_client(venue(server.url)) as client:
        exchange, raised = await client.record(reads_slowly, fresh=True)
    assert raised is None
    assert exchange is not None
    assert len(exchange.chunks) == 3
    assert max(gaps_ms(exchange)) < 250
    assert min(gaps_ms(exchange)) > 8


async def test_chunks_of_one_write_have_one_time() -> None:
    """Several events in one segment arrived together, and are not spread by our parsing."""
    async with listening(saying(b"".join(STREAM))) as server, target_client(venue(server.url)) as client:
        exchange = await client.send(asking(server.url))
    assert len(exchange.chunks) == 3
    assert gaps_ms(exchange) == [0, 0]


async def test_a_blocked_loop_is_in_the_exchange() -> None:
    """A client that was busy says so beside the times that it took."""

    async def thinks(turn: Turn) -> None:
        await asyncio.sleep(0.01)
        time.sleep(0.08)
        await turn.write(OK)

    async with listening(thinks) as server, target_client(venue(server.url)) as client:
        exchange = await client.send(asking(server.url))
    assert exchange.loop_lag_ms > 50


async def test_a_lag_before_the_window_is_not_counted() -> None:
    """What blocked the loop before a request began is not that request's."""
    async with LoopLag() as lag:
        time.sleep(1)
        with lag.window() as window:
            await asyncio.sleep(0.05)
    assert window.worst_ms < 500


async def test_a_lag_that_lasts_to_the_end_of_the_window_is_counted() -> None:
    """The block need not end before the request does."""
    async with LoopLag() as lag:
        with lag.window() as early, lag.window() as late:
            await asyncio.sleep(0.03)
            time.sleep(0.1)
    assert min(early.worst_ms, late.worst_ms) > 60


async def test_lag_is_never_reported_by_a_heart_that_does_not_beat() -> None:
    """An unknown lag is an error, not none."""
    with pytest.raises(RuntimeError, match="the heartbeat does not run"), LoopLag().window():
        pass


async def test_http2_times_are_those_of_the_stream(trusted: trustme.CA, serving: Callable[..., ssl.SSLContext]) -> None:
    """The server's settings come at once, the response 300 ms later: the first byte is the response's."""
    script = H2Server(pieces=(b"data: 1\n\n", b"data: 2\n\n", b"data: 3\n\n"), pause_s=0.3)
    async with listening_h2(script, serving(protocols=("h2",))) as server:
        url = f"https://127.0.0.1:{server.port}"
        async with target_client(venue(url)) as client:
            exchange = await client.send(asking(url))
    marks = exchange.marks
    assert exchange.error is None
    assert exchange.http_version == "2"
    steps = [marks.tcp_ns, marks.tls_ns, marks.request_sent_ns, marks.first_byte_ns, marks.end_ns]
    assert None not in steps
    assert steps == sorted(step for step in steps if step is not None)
    assert 250 < (marks.first_byte_ns - marks.request_sent_ns) / 1e6 < 300 + TOLERANCE_MS  # type: ignore[operator]
    assert all(150 < gap < 450 for gap in gaps_ms(exchange))


async def test_a_first_request_loads_nothing() -> None:
    """After the rehearsal no module is imported while a request runs: it would be part of the first call's times."""
    code = """
import asyncio, sys
from transport.loopback import asking, listening, says_ok, target_client, venue

async def main():
    async with listening(says_ok) as server, target_client(venue(server.url)) as client:
        for wire in client._wires.values():
            await wire.ready()
        before = set(sys.modules)
        await client.send(asking(server.url))
        print(sorted(set(sys.modules) - before))

asyncio.run(main())
"""
    tests = Path(__file__).parent.parent
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env={"PYTHONPATH": str(tests)}, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert output.decode().strip() == "[]"
