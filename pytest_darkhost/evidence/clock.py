"""
The time of a line: that of the machine, never before that of the line before.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.moments import rfc3339

_SMALL_STEP = timedelta(seconds=5)
"""By how much a clock may be set back while a run is at work, as time servers do. We wait until it has caught up."""


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


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
            f"{place}: was written at {rfc3339(before)}, and the clock says {rfc3339(now)}, "
            "expected a clock that is not behind it"
        )
        raise EvidenceError("clock", msg)
    time.sleep((before - now).total_seconds())
    return max(before, clock())
