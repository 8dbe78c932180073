"""
What is read of response headers: the request id, and when to try again.
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeAlias

from pytest_darkhost.plain_text import one_line

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Names in lower case."""

_REQUEST_IDS = ("x-request-id", "request-id", "x-trace-id", "mistral-correlation-id")
_LONGEST_ID = 120
_MS_PER_S = 1000.0


def header(headers: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return the first value of a header, or `None`."""
    return next((value for key, value in headers if key == name), None)


def request_id(headers: Headers, otherwise: str | None) -> str | None:
    """Return the id that the venue gave the request: from its headers, else from elsewhere, such as its body."""
    given = next((value for name in _REQUEST_IDS if (value := header(headers, name))), None) or otherwise
    return one_line(given, _LONGEST_ID) or None if given else None


def retry_after_s(headers: Headers) -> float | None:
    """
    Return after how many seconds the venue wants to be asked again; `None` where it does not say.

    `retry-after-ms` counts before `retry-after`, which is a number of seconds or a date (RFC 9110, 10.2.3). A date
    is taken relative to the response's own `date`, so that our clock has no part in it.
    """
    milliseconds = number_of(header(headers, "retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / _MS_PER_S
    after = header(headers, "retry-after")
    seconds = number_of(after)
    return seconds if seconds is not None else _between(header(headers, "date"), after)


def number_of(text: str | None) -> float | None:
    """Return a number that is finite and not negative, or `None`."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _between(start: str | None, end: str | None) -> float | None:
    first, last = date_of(start), date_of(end)
    return max(0.0, (last - first).total_seconds()) if first and last else None


def date_of(text: str | None) -> datetime | None:
    """Return an HTTP date (RFC 9110, 5.6.7), or `None`."""
    try:
        date = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
