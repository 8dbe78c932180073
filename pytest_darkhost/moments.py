"""
How every file of ours writes a moment.
"""

from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """Return an aware moment in UTC, to the millisecond, such as `2026-11-22T22:23:33.251Z` (RFC 3339, section 5.6)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
