"""
What a venue itself says of its times, where it says anything: to be shown beside ours, never instead.

Fireworks says it in `fireworks-server-time-to-first-token` (seconds), OpenAI in `openai-processing-ms`, Groq in its
usage (`queue_time` and `prompt_time`, seconds; the queue is outside of `total_time`), llama.cpp in `timings`
(`prompt_ms`).
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_darkhost.dialects.response_headers import header, number_of
from pytest_darkhost.observations import Exchange

_MS_PER_S = 1000.0
_LAST_EVENTS = 4
"""Usage and timings come with one of the last events."""


@dataclass(frozen=True, slots=True)
class VenueTimes:
    """By the venue's own clock."""

    to_first_token_ms: float
    """What it counts before its first token, its queue included where it tells."""
    queue_ms: float | None
    """Of that, what it says to have waited for itself."""
    source: str
    """The name of the header or field."""


def venue_times(exchange: Exchange) -> VenueTimes | None:
    """Return the times that a stream's headers or last events tell, or `None`."""
    return _of_headers(exchange) or next(filter(None, map(_of_event, _last_events(exchange.body))), None)


def _of_headers(exchange: Exchange) -> VenueTimes | None:
    for name, unit in (("fireworks-server-time-to-first-token", _MS_PER_S), ("openai-processing-ms", 1.0)):
        value = number_of(header(exchange.headers, name))
        if value is not None:
            return VenueTimes(value * unit, None, name)
    return None


def _last_events(body: bytes) -> list[Any]:
    lines = [line[5:] for line in body.splitlines() if line.startswith(b"data:") and b"{" in line]
    return [value for line in lines[-_LAST_EVENTS:] if isinstance(value := _decoded(line), dict)]


def _decoded(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _of_event(event: Mapping[str, Any]) -> VenueTimes | None:
    of_groq = _inner(event, "x_groq")
    usage = _inner(event, "usage") or (_inner(of_groq, "usage") if of_groq else None)
    prompt_s = _positive(usage, "prompt_time")
    if prompt_s is not None:
        queue_s = _positive(usage, "queue_time")
        total_ms = (prompt_s + (queue_s or 0.0)) * _MS_PER_S
        return VenueTimes(total_ms, None if queue_s is None else queue_s * _MS_PER_S, "usage.queue_time + prompt_time")
    prompt_ms = _positive(_inner(event, "timings"), "prompt_ms")
    return None if prompt_ms is None else VenueTimes(prompt_ms, None, "timings.prompt_ms")


def _inner(value: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    found = value.get(key)
    return found if isinstance(found, dict) else None


def _positive(value: Mapping[str, Any] | None, key: str) -> float | None:
    found = (value or {}).get(key)
    if not isinstance(found, (int, float)) or isinstance(found, bool):
        return None
    return float(found) if math.isfinite(found) and found >= 0 else None
