"""
A socket whose bytes carry the time at which the kernel received them, so that a busy client does not move it.

Linux only (`SO_TIMESTAMPNS`, socket(7)). asyncio reads through `recv` and, under TLS, through `recv_into`; both are
answered by `recvmsg` here. Where the kernel gives no time the reader's own clock stands in.
"""

import socket
import struct
import sys
import time
from contextlib import suppress
from typing import Any, TypeVar

from pytest_darkhost.observations import Clock

_Socket = TypeVar("_Socket", bound=socket.socket)
_TIMESTAMPNS = 35
"""`SO_TIMESTAMPNS` and the ancillary message of the same name (asm-generic/socket.h)."""
_TIMESPEC = struct.Struct("@ll")
_ANCILLARY_BYTES = socket.CMSG_SPACE(_TIMESPEC.size) if hasattr(socket, "CMSG_SPACE") else 0
_OLDEST_NS = 60_000_000_000
"""A stamp that is older was taken before somebody set the wall clock, which is what the kernel stamps with."""
_NS_PER_S, _NS_PER_US = 1_000_000_000, 1000
_READINGS, _AT_ONCE_NS = 5, 20_000
_RTT, _RETRANSMITTED = slice(68, 72), slice(100, 104)
"""`tcpi_rtt` in microseconds and `tcpi_total_retrans` within `struct tcp_info` (linux/tcp.h)."""


class StampedSocket(socket.socket):
    """Takes over the descriptor of a connected socket. `arrived_ns` and `clock` are those of the last receipt."""

    arrived_ns: int = 0
    """In `perf_counter_ns`."""
    clock: Clock = Clock.USER

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """Return what `socket.recv` does, and keep when it arrived."""
        data, ancillary, _, _ = self.recvmsg(size, _ANCILLARY_BYTES, flags)
        self._stamp(ancillary)
        return data

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Return what `socket.recv_into` does, and keep when it arrived."""
        target = memoryview(buffer)[:nbytes] if nbytes else buffer
        received, ancillary, _, _ = self.recvmsg_into([target], _ANCILLARY_BYTES, flags)
        self._stamp(ancillary)
        return received

    def _stamp(self, ancillary: list[tuple[int, int, bytes]]) -> None:
        now_ns, wall_ns = both_clocks()
        age_ns = -1
        for _, kind, stamp in ancillary:
            if kind == _TIMESTAMPNS:
                age_ns = wall_ns - _wall_ns(stamp)
        known = 0 <= age_ns < _OLDEST_NS
        self.clock = Clock.KERNEL if known else Clock.USER
        # The clocks are read to within some microseconds: what came later must not seem to have come before.
        self.arrived_ns = max(self.arrived_ns, now_ns - age_ns if known else now_ns)


def stamped(sock: socket.socket) -> socket.socket:
    """Return a connected socket with stamps, where the platform has them; the given one is used up."""
    if sys.platform != "linux":
        return sock
    with_stamps = StampedSocket(sock.family, sock.type, sock.proto, fileno=sock.detach())
    with_stamps.setblocking(False)  # noqa: FBT003 - positional in the standard library
    return _ask(with_stamps)


class Stamping:
    """
    Keeps the kernel stamping between `begin` and `close`.

    The kernel begins some time after the first socket of the machine has asked for it, and stops with the last: what a
    connection receives in its first moments would have no stamp.
    """

    def __init__(self) -> None:
        self._asking: socket.socket | None = None

    def begin(self) -> None:
        """Ask for it. Idempotent."""
        if self._asking is None and sys.platform == "linux":
            self._asking = _ask(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))

    def close(self) -> None:
        """Let the kernel stop. Idempotent."""
        if self._asking is not None:
            self._asking.close()
            self._asking = None


def _ask(sock: _Socket) -> _Socket:
    with suppress(OSError):  # a sandbox without the option: the reader's clock stands in
        sock.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
    return sock


def handshake_ns(sock: socket.socket) -> int | None:
    """
    Return how long the TCP handshake of a connection that has just opened took, by the kernel's own clock.

    `None` where it does not say, or where a segment had to be sent again, so that its measure is not the whole time.
    """
    if sys.platform != "linux" or sock.family == socket.AF_UNIX:
        return None
    with suppress(OSError):
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _RETRANSMITTED.stop)
        rtt_us, again = (int.from_bytes(info[field], sys.byteorder) for field in (_RTT, _RETRANSMITTED))
        return rtt_us * _NS_PER_US if rtt_us and not again else None
    return None


def both_clocks() -> tuple[int, int]:
    """
    Return `perf_counter_ns` and the wall clock of one moment.

    We may be put to sleep between the two, and would take the sleep for the age of a stamp: of a few readings the one
    counts that took the least time.
    """
    readings = []
    for _ in range(_READINGS):
        before_ns, wall_ns, after_ns = time.perf_counter_ns(), time.time_ns(), time.perf_counter_ns()
        took_ns = after_ns - before_ns
        if took_ns < _AT_ONCE_NS:
            return before_ns + took_ns // 2, wall_ns
        readings.append((took_ns, before_ns + took_ns // 2, wall_ns))
    return min(readings)[1:]


def _wall_ns(stamp: bytes) -> int:
    seconds, nanoseconds = _TIMESPEC.unpack_from(stamp)
    return int(seconds) * _NS_PER_S + int(nanoseconds)
