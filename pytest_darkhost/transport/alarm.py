"""
A time-out for many waits, one after the other, of one reader: one timer serves them all.

A timer of its own for each piece of a body would cost more than reading the piece.
"""

import asyncio


class Alarm:
    """Ends a wait that lasts too long. Its timer is set anew when it rings too early, not whenever a wait begins."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._due_s = 0.0
        self._waiting: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set(self, waiting: asyncio.Future[None], due_s: float) -> None:
        """Have a future fail with `TimeoutError` at a time of the loop; infinity is never."""
        self._waiting, self._due_s = waiting, due_s
        if self._timer is None or due_s < self._timer.when():
            self._start()

    def cancel(self) -> None:
        """End. Idempotent."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start(self) -> None:
        self.cancel()
        if self._due_s < float("inf"):
            self._timer = self._loop.call_at(self._due_s, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._waiting is None or self._waiting.done():
            return
        if self._loop.time() < self._due_s:
            self._start()
        else:
            self._waiting.set_exception(TimeoutError())
