"""
Event streams: the chunks of a body become events (WHATWG HTML, 9.2 Server-sent events).

Knows nothing of what the events say. Two departures from the standard, both to keep what was seen: bytes that are
not UTF-8 become lone surrogates, so that they can be told from a U+FFFD that the model wrote, and an event
that was begun and not ended is remembered as `unfinished`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from pytest_darkhost.observations import Chunk

MOST_EVENTS = 20_000
"""Far more than the answer to a probe has; what follows is not read. Comments and bare blank lines count, too."""
_BOM = b"\xef\xbb\xbf"
_LINE = re.compile(rb"([^\r\n]*+)(\r\n?|\n|\Z)")
"""Possessive, and matching at the end, so that a line of megabytes without an end is read once."""


@dataclass(frozen=True, slots=True)
class SseEvent:
    """One dispatched event."""

    data: str
    """The `data` lines, joined by line feeds."""
    event: str | None
    """The `event` field; `None` where there is none, or an empty one."""
    at_ns: int
    """When the chunk arrived that held the end of the event's blank line."""


@dataclass(frozen=True, slots=True)
class EventStream:
    """The events of a body, at most `MOST_EVENTS`."""

    events: tuple[SseEvent, ...]
    unfinished: bool
    """Whether fields of an event follow the last blank line."""
    too_many: bool = False
    """Whether the body has more events than are read."""


def events(chunks: Iterable[Chunk]) -> tuple[SseEvent, ...]:
    """Return the events that a body dispatches, in order."""
    return read(chunks).events


def read(chunks: Iterable[Chunk]) -> EventStream:
    """
    Return the events of a body, and whether it ends within one. Takes time linear in the size of the body.

    Stops at the first blank line beyond `MOST_EVENTS`, whatever it ends.
    """
    parts = tuple(chunks)
    ends = tuple(accumulate(len(part.data) for part in parts))
    found: list[SseEvent] = []
    block: list[bytes] = []
    blanks = 0
    for line, end in _lines(b"".join(part.data for part in parts)):
        if line or end is None:
            block.append(line)
            continue
        blanks += 1
        if blanks > MOST_EVENTS:
            return EventStream(tuple(found), unfinished=True, too_many=True)
        if block:
            event = _event(block, parts[bisect_right(ends, end)].at_ns)
            found.extend([event] if event else [])
            block = []
    return EventStream(tuple(found), unfinished=any(not line.startswith(b":") for line in block))


def _lines(body: bytes) -> Iterator[tuple[bytes, int | None]]:
    """Yield each line without its end, and the offset of that end; `None` for a last line without one."""
    for match in _LINE.finditer(body, len(_BOM) if body.startswith(_BOM) else 0):
        if match[2]:
            yield match[1], match.start(2)
        elif match[1]:
            yield match[1], None


def _event(block: list[bytes], at_ns: int) -> SseEvent | None:
    """Return the event of the lines between two blank ones; `None` where none of them is data."""
    if len(block) == 1 and block[0].startswith(b"data: "):
        return SseEvent(_text(block[0][6:]), None, at_ns)
    fields = [_field(line) for line in block]
    data = [value for name, value in fields if name == b"data"]
    names = [value for name, value in fields if name == b"event"]
    return SseEvent(_text(b"\n".join(data)), (_text(names[-1]) or None) if names else None, at_ns) if data else None


def _field(line: bytes) -> tuple[bytes, bytes]:
    """Return name and value. A comment has an empty name."""
    name, _, value = line.partition(b":")
    return name, value.removeprefix(b" ")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
