"""
When a venue takes the next request, as its rate-limit headers and Google's `RetryInfo` say.

`x-ratelimit-{remaining,reset}` with or without a kind behind it (Groq, OpenAI, Together, Fireworks), and
`anthropic-ratelimit-KIND-{remaining,reset}`. A limit of which something remains asks for nothing. Mistral and DeepInfra
give no time of reset.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from pytest_darkhost.dialects.response_headers import Headers, date_of, header, number_of

_REMAINING = re.compile(r"(?P<start>x-ratelimit-|anthropic-ratelimit-(?:[a-z-]+-)?)remaining(?P<end>(?:-[a-z-]+)?)")
_PARTS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|h|m|s))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_EPOCH_S, _EPOCH_MS = 1e9, 1e12
"""Numbers from here on are no durations: seconds and milliseconds since 1970."""


def reset_s(headers: Headers) -> float | None:
    """
    Return after how many seconds the last of the used-up limits is reset; `None` where none is used up or none says.

    A point in time counts from the response's own `date`, so that our clock has no part in it.
    """
    return max(_resets_s(headers), default=None)


def duration_s(text: str) -> float | None:
    """Return the seconds of `172ms`, `17.39s`, `1m26.4s` or a plain number of seconds; `None` for anything else."""
    if _DURATION.fullmatch(text):
        return sum(float(value) * _PARTS[unit] for value, unit in _PART.findall(text))
    return number_of(text)


def _resets_s(headers: Headers) -> Iterator[float]:
    for name, value in headers:
        found, remaining = _REMAINING.fullmatch(name), number_of(value)
        if found and remaining == 0:
            text = header(headers, f"{found['start']}reset{found['end']}")
            wait_s = _wait_s(text.strip(), date_of(header(headers, "date"))) if text else None
            if wait_s is not None:
                yield wait_s


def _wait_s(text: str, now: datetime | None) -> float | None:
    seconds = duration_s(text)
    if seconds is not None and seconds < _EPOCH_S:
        return seconds
    then = _moment(text, seconds)
    return max(0.0, (then - now).total_seconds()) if then and now else None


def _moment(text: str, epoch: float | None) -> datetime | None:
    try:
        if epoch is not None:
            return datetime.fromtimestamp(epoch / 1000 if epoch >= _EPOCH_MS else epoch, UTC)
        then = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return then if then.tzinfo else then.replace(tzinfo=UTC)
