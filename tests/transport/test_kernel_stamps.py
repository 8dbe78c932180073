"""
Arrival is what the kernel says, not when our own loop gets round to reading: on plain connections and under TLS.
"""

import asyncio
import fcntl
import socket
import ssl
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import trustme

from pytest_darkhost.observations import Clock, Exchange
from pytest_darkhost.transport.inbox import Inbox
from pytest_darkhost.transport.stamped_socket import StampedSocket, Stamping, both_clocks, handshake_ns, stamped
from transport.loopback import CHUNKED, OK, asking, chunk, listening, saying, target_client, venue

BLOCKED_S = 0.2
linux = pytest.mark.skipif(sys.platform != "linux", reason="the kernel stamps bytes on Linux alone")


@dataclass
class Steps:
    """What the server and the reader tell each other."""

    blocked: threading.Event = field(default_factory=threading.Event)
    received: threading.Event = field(default_factory=threading.Event)
    awake: threading.Event = field(default_factory=threading.Event)


def wait_for_acknowledgement(sock: socket.socket) -> None:
    """Return once the peer's kernel has taken everything that was sent."""
    while struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0]:
        time.sleep(0.001)


@contextmanager
def server(steps: Steps, context: ssl.SSLContext | None) -> Iterator[int]:
    """Yield the port of a server in a thread of its own: one piece, one while the reader is blocked, one after."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        sock = context.wrap_socket(connection, server_side=True) if context else connection
        with sock:
            sock.recv(65536)
            sock.sendall(CHUNKED + chunk(b"one"))
            steps.blocked.wait(30)
            sock.sendall(chunk(b"two"))
            wait_for_acknowledgement(sock)
            steps.received.set()
            steps.awake.wait(30)
            sock.sendall(chunk(b"three") + chunk(b""))
            sock.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1]
    thread.join(30)
    listener.close()


def read_with_a_blocked_loop(url: str, steps: Steps) -> Exchange:
    """Return the exchange of a stream whose second piece arrives while the loop is blocked, and stays blocked."""

    async def run() -> Exchange:
        async def read() -> None:
            async with client.http_client().stream("POST", url) as response:
                async for piece in response.aiter_raw():
                    if piece == b"one":
                        steps.blocked.set()
                        steps.received.wait(30)
                        time.sleep(BLOCKED_S)
                    if piece == b"two":
                        steps.awake.set()

        async with target_client(venue(url)) as client:
            exchange, raised = await client.record(read, fresh=True)
        assert raised is None
        assert exchange is not None
        return exchange

    return asyncio.run(run())


@linux
@pytest.mark.usefixtures("stamping")
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_blocked_loop_does_not_move_what_arrived_meanwhile(
    trusted: trustme.CA, serving: Callable[..., ssl.SSLContext], tls: bool
) -> None:
    """The second piece was there before the loop slept, the third was sent after it: that time lies between them."""
    steps = Steps()
    with server(steps, serving() if tls else None) as port:
        exchange = read_with_a_blocked_loop(f"http{'s' if tls else ''}://127.0.0.1:{port}", steps)
    first, second, third = exchange.chunks

    assert (first.data, second.data, third.data) == (b"one", b"two", b"three")
    assert third.at_ns - second.at_ns >= BLOCKED_S * 1e9
    assert exchange.clock is Clock.KERNEL
    assert exchange.loop_lag_ms >= BLOCKED_S * 1000 - 20


@linux
@pytest.mark.usefixtures("stamping")
def test_stamps_are_between_the_write_and_the_read() -> None:
    """The kernel's wall clock is turned into ours: a receipt lies after the sending and before the reading."""
    ours, theirs = tcp_pair()
    with ours, theirs:
        for size in (1, 70_000):
            before_ns = time.perf_counter_ns()
            theirs.sendall(b"x" * size)
            received = b""
            while len(received) < size:
                received += ours.recv(65536)
            assert before_ns <= ours.arrived_ns <= time.perf_counter_ns()
            assert ours.clock is Clock.KERNEL
        buffer = bytearray(10)
        theirs.sendall(b"abc")
        assert ours.recv_into(buffer) == 3
        assert buffer[:3] == b"abc"
        assert ours.clock is Clock.KERNEL


@pytest.fixture
def stamping() -> Iterator[None]:
    """Have the kernel stamp: it begins some time after it is asked to."""
    asking, deadline = Stamping(), time.monotonic() + 60
    asking.begin()
    while time.monotonic() < deadline:
        ours, theirs = tcp_pair()
        with ours, theirs:
            theirs.sendall(b"x")
            ours.recv(1)
            if ours.clock is Clock.KERNEL:
                break
    yield
    asking.close()


def tcp_pair() -> tuple[StampedSocket, socket.socket]:
    """Return two ends of a connection, the first with stamps and blocking."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        end = stamped(socket.create_connection(listener.getsockname()))
        other, _ = listener.accept()
    assert isinstance(end, StampedSocket)
    end.settimeout(30)
    return end, other


@linux
def test_without_a_stamp_the_readers_clock_stands_in() -> None:
    """A socket of this machine has none: the time is that of the reading, and says so."""
    one, other = socket.socketpair()
    end = stamped(one)
    with end, other:
        other.sendall(b"x")
        before_ns = time.perf_counter_ns()
        assert end.recv(10) == b"x"
        assert isinstance(end, StampedSocket)
        assert before_ns <= end.arrived_ns <= time.perf_counter_ns()
        assert end.clock is Clock.USER
        assert handshake_ns(end) is None


@linux
@pytest.mark.usefixtures("stamping")
@pytest.mark.parametrize("off_s", [-1, 61, 86_400])
def test_a_stamp_of_another_time_is_not_believed(monkeypatch: pytest.MonkeyPatch, off_s: int) -> None:
    """Somebody who sets the wall clock between receipt and reading moves no time by it."""
    real = time.time_ns
    ours, theirs = tcp_pair()
    with ours, theirs:
        theirs.sendall(b"x")
        monkeypatch.setattr(time, "time_ns", lambda: real() + off_s * 1_000_000_000)
        before_ns = time.perf_counter_ns()
        ours.recv(10)
        assert ours.clock is Clock.USER
        assert ours.arrived_ns >= before_ns


@linux
def test_a_sleep_between_the_clocks_is_not_the_age_of_a_stamp(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may stop us after one clock was read: the reading is repeated, and the quickest counts."""
    real, stops = time.time_ns, iter([0.05, 0.05])

    def stopped() -> int:
        time.sleep(next(stops, 0.0))
        return real()

    monkeypatch.setattr(time, "time_ns", stopped)
    before_ns = time.perf_counter_ns()
    now_ns, wall_ns = both_clocks()
    apart_ns = wall_ns - now_ns
    monkeypatch.undo()
    assert before_ns + 90_000_000 <= now_ns <= time.perf_counter_ns()
    assert next(stops, None) is None
    later_ns, later_wall_ns = both_clocks()
    assert abs((later_wall_ns - later_ns) - apart_ns) < 40_000_000


@linux
@pytest.mark.usefixtures("stamping")
def test_what_came_later_never_seems_to_have_come_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clocks may disagree by some microseconds between two receipts; the order of the bytes does not."""
    ours, theirs = tcp_pair()
    with ours, theirs:
        theirs.sendall(b"a")
        ours.recv(1)
        first_ns = ours.arrived_ns
        real = time.time_ns
        monkeypatch.setattr(time, "time_ns", lambda: real() + 5_000_000_000)
        theirs.sendall(b"b")
        ours.recv(1)
        assert ours.arrived_ns >= first_ns


@linux
def test_the_kernel_knows_how_long_the_handshake_took() -> None:
    """It is part of the time between before and after connecting."""
    before_ns = time.perf_counter_ns()
    ours, theirs = tcp_pair()
    with ours, theirs:
        took_ns = handshake_ns(ours)
        assert took_ns is not None
        assert 0 < took_ns <= time.perf_counter_ns() - before_ns


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_have_our_own_clock(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    """The same exchange without stamps: times are those of `data_received`."""
    monkeypatch.setattr(sys, "platform", platform)

    async def run() -> Exchange:
        async with listening(saying(OK)) as server, target_client(venue(server.url)) as client:
            return await client.send(asking(server.url))

    exchange = asyncio.run(run())
    assert exchange.error is None
    assert exchange.clock is Clock.USER


@dataclass
class Stamps:
    """What a socket says of the last receipt."""

    arrived_ns: int = 5
    clock: Clock = Clock.KERNEL


async def _mixed() -> Inbox:
    stamps = Stamps()
    inbox = Inbox(stamps)
    inbox.data_received(b"ab")
    stamps.arrived_ns, stamps.clock = 7, Clock.USER
    inbox.data_received(b"c")
    return inbox


def test_each_piece_keeps_its_own_clock() -> None:
    """Also when it is taken in parts."""
    inbox = asyncio.run(_mixed())
    taken = [(*inbox.take(1), inbox.clock) for _ in range(3)]

    assert taken == [(5, b"a", Clock.KERNEL), (5, b"b", Clock.KERNEL), (7, b"c", Clock.USER)]


def test_a_loop_that_reads_past_the_socket_has_our_clock() -> None:
    """Another event loop than asyncio's may use the descriptor alone: no stamp is made up of nothing."""

    async def run() -> tuple[int, Clock]:
        inbox = Inbox(Stamps(arrived_ns=0))
        inbox.data_received(b"a")
        at_ns, _ = inbox.take(1)
        return at_ns, inbox.clock

    before_ns = time.perf_counter_ns()
    at_ns, clock = asyncio.run(run())
    assert clock is Clock.USER
    assert at_ns >= before_ns


def test_httpx_comes_without_its_command_line() -> None:
    """It would import click, rich and pygments before the first request; whoever wants it gets it later."""
    code = (
        "import sys; from pytest_darkhost.transport.library import default_library; default_library();"
        "print('httpx' in sys.modules, 'httpx._main' in sys.modules, 'rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "True False False"
