"""
How every file of ours writes a moment.
"""

import re
from datetime import UTC, datetime

_RFC3339 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")


def rfc3339(moment: datetime) -> str:
    """Return an aware moment in UTC, to the millisecond, such as `2026-11-22T22:23:33.251Z` (RFC 3339, section 5.6)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(text: str) -> datetime:
    """
    Return the moment that a text names as `rfc3339` writes it, with 0 to 6 digits of a second's fraction.

    RFC 3339 would allow more: a small `t` or `z`, offsets, the second 60, the year 0. ISO 8601 has an hour 24, which
    some Pythons take. None of it is written by us, so that one moment has few spellings, and each compares as text.

    :raises ValueError: for anything else.
    """
    if not _RFC3339.fullmatch(text):
        msg = f"{text!r:.60}: no time in UTC such as 2026-11-25T12:00:00.000Z"
        raise ValueError(msg)
    return datetime.fromisoformat(text)
