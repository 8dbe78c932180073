"""
What one probe may do on the wire: send one request. A second one is a hidden retry; it is refused, not sent.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from pytest_darkhost.errors import AdapterError
from pytest_darkhost.transport.observing import ObservedBody
from pytest_darkhost.transport.recording import Recording


@dataclass(slots=True)
class Slot:
    """Open from the beginning of a probe to its end."""

    begin: Callable[[], None] = lambda: None
    """Called when the one request is taken: what an adapter does before that is part of no time."""
    end: Callable[[], None] = lambda: None
    """Called when its answer has ended or failed: nor is what an adapter does with it."""
    recording: Recording | None = None
    body: ObservedBody | None = None
    violation: AdapterError | None = None
    broken: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a second request was refused."""

    def take(self, recording: Recording) -> None:
        """
        Take the one request of the probe.

        :raises AdapterError: when there was one already.
        """
        if self.recording is None:
            self.recording = recording
            recording.on_end = self.end
            self.begin()
            return
        self.violation = AdapterError(
            f"{recording.method} {recording.shown_url()}: a second request within one probe, expected exactly one. "
            "Turn off retries and redirects of the adapter's client"
        )
        self.broken.set()
        raise self.violation

    async def finish(self) -> None:
        """Read a body that was left open to its end, so that the end is seen."""
        if self.body is not None:
            await self.body.aclose()
