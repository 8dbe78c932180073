"""
Lets the lanes of a run begin once all of them are prepared: to prepare one would delay what another is timing.
"""

import asyncio
from collections.abc import Iterable

_STEP_S = 0.002
"""Between the beginnings of two lanes. About what a first request costs us, so that they do not wait for each other."""


class Gate:
    """Opens when every lane that it waits for has arrived, or has said that it never will."""

    def __init__(self, lanes: Iterable[str]) -> None:
        self._missing = set(lanes)
        self._open = asyncio.Event()
        self._turns = 0

    def arrive(self, lane: str) -> None:
        """Take note that a lane is prepared, or is not to be waited for. Idempotent."""
        self._missing.discard(lane)
        if not self._missing:
            self._open.set()

    async def passed(self, lane: str) -> None:
        """Arrive, and wait for the others and for this lane's turn."""
        turn, self._turns = self._turns, self._turns + 1
        self.arrive(lane)
        await self._open.wait()
        await asyncio.sleep(turn * _STEP_S)
