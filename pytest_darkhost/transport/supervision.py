"""
Runs a team's adapter within bounds of time, and stops it at its second request.
"""

import asyncio
from collections.abc import Awaitable, Callable

from pytest_darkhost.transport.slot import Slot

_GRACE_S = 1.0
"""For the adapter's own work after the wire's last bound, and for its clean-up."""


async def supervised(call: Callable[[], Awaitable[object]], slot: Slot, bound_s: float) -> BaseException | None:
    """Return what the call raised: an `AdapterError` if it sent twice, a `TimeoutError` if it did not come back."""

    async def run() -> None:
        await call()

    task = asyncio.create_task(run())
    alarm = asyncio.create_task(slot.broken.wait())
    try:
        await asyncio.wait({task, alarm}, timeout=bound_s + _GRACE_S, return_when=asyncio.FIRST_COMPLETED)
        came_back = task.done()
    finally:
        await _stopped(task, alarm)
    if slot.violation is not None:
        return slot.violation
    if not came_back:
        return TimeoutError(f"the adapter: no return within {bound_s + _GRACE_S:g} s, expected one")
    return asyncio.CancelledError() if task.cancelled() else task.exception()


async def _stopped(*tasks: "asyncio.Task[None] | asyncio.Task[bool]") -> None:
    """Cancel what still runs, and give it a moment to clean up."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=_GRACE_S)
