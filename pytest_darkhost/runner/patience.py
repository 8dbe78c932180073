"""
How long a lane waits before its next request, because the venue asked for it. No time of a call holds such a wait.
"""

from asyncio import sleep
from dataclasses import dataclass

from pytest_darkhost.dialects.rate_limits import reset_s
from pytest_darkhost.observations import ErrorKind, Observation

_ASKED = frozenset({ErrorKind.RATE_LIMITED, ErrorKind.OVERLOADED})
"""Errors whose `retry-after` concerns the next request, whatever it is."""


@dataclass(frozen=True, slots=True)
class Pause:
    """What a venue asked for after one response."""

    asked_s: float = 0.0
    refused: bool = False
    """The request itself was refused: the venue said that it will refuse the next as well."""
    after: str = ""
    """`warm[2]`."""


def pause_after(observation: Observation) -> Pause:
    """Return what the venue asked for: by its error, or by a limit that the request used up."""
    error, exchange, probe = observation.error, observation.exchange, observation.probe
    name = f"{probe.name}[{probe.sample}]"
    if error is not None and error.kind in _ASKED and error.retry_after_s is not None:
        return Pause(error.retry_after_s, refused=True, after=name)
    return Pause(0.0 if exchange is None else reset_s(exchange.headers) or 0.0, after=name)


class Patience:
    """The manners of one lane towards its venue, within a bound."""

    def __init__(self, bound_ms: float) -> None:
        self._bound_s = bound_ms / 1000
        self._pause = Pause()

    def note(self, observation: Observation) -> None:
        """Take in what the venue asked for with a response."""
        self._pause = pause_after(observation)

    def turn_to_another(self) -> None:
        """Begin with another target: a limit that is beyond our bound may be that of the last one alone."""
        if self.refusal() is not None:
            self._pause = Pause()

    def refusal(self) -> str | None:
        """Return why the next request must not be sent: it would be refused, and the wait is too long for us."""
        pause = self._pause
        if not pause.refused or pause.asked_s <= self._bound_s:
            return None
        return (
            f"not sent: after {pause.after} the venue asked to wait {pause.asked_s:g} s, expected at most "
            f"{self._bound_s:g} s (ceilings.rate_limit_wait_ms)"
        )

    async def wait(self) -> float:
        """Wait as long as the venue asked for, within the bound; return the seconds."""
        seconds, self._pause = min(self._pause.asked_s, self._bound_s), Pause()
        if seconds > 0:
            await sleep(seconds)
        return seconds
