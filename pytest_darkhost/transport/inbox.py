"""
Where bytes arrive: the asyncio protocol that stamps them, before any task wakes and before any parsing.
"""

import asyncio
import time
from collections import deque
from typing import Protocol

from pytest_darkhost.observations import Clock
from pytest_darkhost.transport.alarm import Alarm

_PAUSE_BYTES = 262_144
_RESUME_BYTES = 65_536


class Stamps(Protocol):
    """When the bytes that are being handed over arrived."""

    arrived_ns: int
    clock: Clock


class Inbox(asyncio.Protocol):
    """Keeps what arrived, each piece with its time, until the stream takes it."""

    def __init__(self, stamps: Stamps | None = None) -> None:
        self.stamps = stamps
        self.clock = Clock.USER
        """Whose time the piece has that was taken last."""
        loop = asyncio.get_running_loop()
        self._loop = loop
        self._pieces: deque[tuple[int, bytes, Clock]] = deque()
        self._size = 0
        self._transport: asyncio.Transport | None = None
        self._paused = False
        self._ended_ns: int | None = None
        self._fault: Exception | None = None
        self._arrival: asyncio.Future[None] | None = None
        self._alarm = Alarm(loop)
        self._flushed: asyncio.Future[None] | None = None
        self.closed: asyncio.Future[None] = loop.create_future()

    def attach(self, transport: asyncio.Transport) -> None:
        """Take the transport whose reading is paused when too much waits."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Stamp and keep a piece. The only place of the package where arrival is timed."""
        stamps = self.stamps
        # An event loop that reads past the socket's methods, such as uvloop's, leaves no stamp.
        if stamps is None or not stamps.arrived_ns:
            self._pieces.append((time.perf_counter_ns(), data, Clock.USER))
        else:
            self._pieces.append((stamps.arrived_ns, data, stamps.clock))
        self._size += len(data)
        if self._size > _PAUSE_BYTES and self._transport is not None and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Note the end. The transport closes itself."""
        self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end and its cause; whoever waits to write or to close goes on."""
        self._fault = self._fault or exc
        self._end()
        self.resume_writing()
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        """The socket takes no more for now."""
        if self._flushed is None:
            self._flushed = self._loop.create_future()

    def resume_writing(self) -> None:
        """Everything has gone to the socket."""
        if self._flushed is not None and not self._flushed.done():
            self._flushed.set_result(None)
        self._flushed = None

    @property
    def is_flushed(self) -> bool:
        """Whether everything written has gone to the socket."""
        return self._flushed is None

    @property
    def readable(self) -> bool:
        """Whether `take` would answer at once."""
        return bool(self._pieces) or self._ended_ns is not None

    @property
    def finished(self) -> bool:
        """Whether the peer has closed the connection."""
        return self._ended_ns is not None

    async def arrival(self, due_s: float = float("inf")) -> None:
        """
        Wait until something can be taken.

        :raises TimeoutError: when nothing came until `due_s`, a time of the loop.
        """
        while not self.readable:
            self._arrival = self._loop.create_future()
            self._alarm.set(self._arrival, due_s)
            await self._arrival

    async def flushed(self) -> None:
        """Wait until everything written has gone to the socket."""
        while self._flushed is not None:
            await asyncio.shield(self._flushed)

    def check(self) -> None:
        """
        Do nothing while the connection can be written to.

        :raises OSError: once it is lost.
        """
        if self._fault is not None:
            raise self._fault
        if self._ended_ns is not None:
            msg = "the peer closed the connection"
            raise ConnectionResetError(msg)

    def take(self, max_bytes: int) -> tuple[int, bytes]:
        """
        Return the oldest piece and when it arrived, or no bytes and the time of the end.

        :raises OSError: when the connection broke and nothing is left.
        """
        if not self._pieces:
            if self._fault is not None:
                raise self._fault
            return self._ended_ns or time.perf_counter_ns(), b""
        at_ns, piece, self.clock = self._pieces.popleft()
        if len(piece) > max_bytes:
            self._pieces.appendleft((at_ns, piece[max_bytes:], self.clock))
            piece = piece[:max_bytes]
        self._size -= len(piece)
        if self._paused and self._size < _RESUME_BYTES and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return at_ns, piece

    def _end(self) -> None:
        if self._ended_ns is None:
            self._ended_ns = time.perf_counter_ns()
        self._alarm.cancel()
        self._wake()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)
