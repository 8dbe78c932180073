"""
How late our own event loop was while a request ran, so that a busy client does not fail a venue.

A heartbeat notices what blocks the loop. It sees a block of B ms as at least B - 5 ms, so that blocks shorter than
its interval may go unseen.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

INTERVAL_MS = 5.0


class Window:
    """The worst lateness between the opening and the closing of a window."""

    __slots__ = ("_opened_s", "worst_ms")

    def __init__(self, opened_s: float) -> None:
        self._opened_s = opened_s
        self.worst_ms = 0.0

    def restart(self) -> None:
        """Begin anew: what was late until now was not part of the request."""
        self._opened_s = asyncio.get_running_loop().time()
        self.worst_ms = 0.0

    def note(self, due_s: float, now_s: float) -> None:
        """Count a beat that was due at one time of the loop and came at another, as far as it lies within."""
        self.worst_ms = max(self.worst_ms, (now_s - max(due_s, self._opened_s)) * 1000)


class LoopLag:
    """
    A heartbeat on the running loop, between `start` and `stop` or from entering to leaving. One serves a whole loop:
    many requests may have a window open at once.
    """

    def __init__(self, interval_ms: float = INTERVAL_MS) -> None:
        self._interval_s = interval_ms / 1000
        self._windows: set[Window] = set()
        self._due_s = 0.0
        self._handle: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to beat on the running loop. Idempotent."""
        if self._handle is None:
            self._schedule(asyncio.get_running_loop())

    def stop(self) -> None:
        """End. Idempotent."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    @contextmanager
    def window(self) -> Iterator[Window]:
        """
        Yield a window whose `worst_ms` is final when the context ends.

        :raises RuntimeError: when the heartbeat does not run: an unknown lag must not look like none.
        """
        if self._handle is None:
            msg = "LoopLag: the heartbeat does not run, expected `async with LoopLag()` around it"
            raise RuntimeError(msg)
        loop = asyncio.get_running_loop()
        window = Window(loop.time())
        self._windows.add(window)
        try:
            yield window
        finally:
            self.close(window)

    def close(self, window: Window) -> None:
        """End a window before its context does: what is late from now on was not part of the request. Idempotent."""
        if window in self._windows:
            self._windows.discard(window)
            window.note(self._due_s, asyncio.get_running_loop().time())

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due_s = loop.time() + self._interval_s
        self._handle = loop.call_at(self._due_s, self._beat, loop)

    def _beat(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s = loop.time()
        for window in self._windows:
            window.note(self._due_s, now_s)
        self._schedule(loop)
