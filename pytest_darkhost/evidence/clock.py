"""
The time of a line: that of the machine, never before that of the line before.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pytest_darkhost.errors import EvidenceError

_SMALL_STEP = timedelta(seconds=5)
"""By how much a clock may be set back while a run is at work, as time servers do. We wait until it has caught up."""


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def text_of(moment: datetime) -> str:
    """Return a time as lines have it (RFC 3339, UTC, milliseconds)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def time_after(before: datetime | None, clock: Callable[[], datetime], place: str) -> datetime:
    """
    Return the time, which is not before that of the last line.

    :raises EvidenceError: `clock`, when it is by more than a small step.
    """
    now = clock()
    if before is None or now >= before:
        return now
    if before - now > _SMALL_STEP:
        msg = (
            f"{place}: was written at {text_of(before)}, and the clock says {text_of(now)}, "
            "expected a clock that is not behind it"
        )
        raise EvidenceError("clock", msg)
    time.sleep((before - now).total_seconds())
    return max(before, clock())
