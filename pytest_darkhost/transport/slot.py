"""
What one probe may do on the wire: send one request. A second one is a hidden retry; it is refused, not sent.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from pytest_darkhost.errors import AdapterError
from pytest_darkhost.observations import Exchange
from pytest_darkhost.transport.shims import Body


class Taken(Protocol):
    """The one request of a probe, on its way."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    def call_at_end(self, call: Callable[[], None]) -> None:
        """Have a function called when the answer has ended or failed."""

    def exchange(self, loop_lag_ms: float) -> Exchange | None:
        """Return what was seen of it, if anything was."""

    def shown_url(self) -> str:
        """Return the URL without user information and keys."""


@dataclass(slots=True)
class Slot:
    """Open from the beginning of a probe to its end."""

    begin: Callable[[], None] = lambda: None
    """Called when the one request is taken: what an adapter does before that is part of no time."""
    end: Callable[[], None] = lambda: None
    """Called when its answer has ended or failed: nor is what an adapter does with it."""
    recording: Taken | None = None
    body: Body | None = None
    violation: AdapterError | None = None
    broken: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a second request was refused."""

    def take(self, recording: Taken) -> None:
        """
        Take the one request of the probe.

        :raises AdapterError: when there was one already.
        """
        if self.recording is None:
            self.recording = recording
            recording.call_at_end(self.end)
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
