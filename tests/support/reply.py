"""A response of the stand-in venue as the writes that will be made, with what happens after the last."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from email.utils import formatdate
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

from support.events import Event

_NAMELESS = {529: "Overloaded", 498: "Capacity Exceeded"}


class Framing(Enum):
    """How the end of the body is marked (RFC 9112, 6)."""

    LENGTH = auto()
    CHUNKED = auto()
    CLOSE = auto()


class End(Enum):
    """What happens once the parts are written."""

    KEEP = auto()
    """The body is ended as its framing wants; the connection stays open, unless the framing closes it."""
    CUT = auto()
    """The connection is closed, the body not ended."""
    RESET = auto()
    """The connection is reset."""
    HANG = auto()
    """Nothing more is sent, the connection stays open."""
    DRIP = auto()
    """The last part is sent again and again."""


@dataclass(frozen=True, slots=True)
class Part:
    """One write of the body."""

    data: bytes
    delay_ms: float = 0.0
    """Waited before the write."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One response."""

    status: int
    headers: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    framing: Framing = Framing.LENGTH
    end: End = End.KEEP
    delay_ms: float = 0.0
    """Waited before the head."""
    http_version: str = "1.1"
    length: int | None = None
    """Promised length, where it is not that of the parts."""
    raw: bytes | None = None
    """Bytes that are sent instead of a head."""

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(part.data for part in self.parts)

    @property
    def head(self) -> bytes:
        """The bytes before the body."""
        if self.raw is not None:
            return self.raw
        reason = _NAMELESS.get(self.status) or HTTPStatus(self.status).phrase
        fields = [*self.headers, *self._framing_fields()]
        lines = [f"HTTP/{self.http_version} {self.status} {reason}", *(f"{name}: {value}" for name, value in fields)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _framing_fields(self) -> list[tuple[str, str]]:
        length = len(self.body) if self.length is None else self.length
        fields = {
            Framing.LENGTH: [("content-length", str(length))],
            Framing.CHUNKED: [("transfer-encoding", "chunked")],
            Framing.CLOSE: [("connection", "close")],
        }
        return fields[self.framing]

    def framed(self, data: bytes) -> bytes:
        """Return a part as it goes on the wire."""
        if self.framing is Framing.CHUNKED and data:
            return b"%x\r\n%s\r\n" % (len(data), data)
        return data

    def with_header(self, name: str, value: str) -> "Reply":
        """Return the reply with one header set."""
        others = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=(*others, (name, value)))


def plain_reply(status: int, content_type: str, body: bytes, headers: Iterable[tuple[str, str]] = ()) -> Reply:
    """Return a response with a body of known length, in one write."""
    fields = (("date", formatdate(usegmt=True)), ("content-type", content_type), *headers)
    return Reply(status, fields, (Part(body),) if body else ())


def json_reply(status: int, body: Any, headers: Iterable[tuple[str, str]] = ()) -> Reply:
    """Return a JSON response."""
    return plain_reply(status, "application/json", json.dumps(body).encode(), headers)


def stream_reply(events: Iterable[Event], headers: Iterable[tuple[str, str]], gap_ms: float) -> Reply:
    """Return an event stream, one write an event, with a gap before each but the first."""
    parts = tuple(Part(event.wire(), gap_ms if index else 0.0) for index, event in enumerate(events))
    empty = plain_reply(200, "text/event-stream; charset=utf-8", b"", headers)
    return replace(empty, parts=parts, framing=Framing.CHUNKED)
