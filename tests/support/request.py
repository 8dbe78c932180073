"""One HTTP/1.1 request as the stand-in venue received it. Knows nothing of dialects."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """A request, with the key that it carried: never logged as it is (`venue_server.Seen` is)."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    """Names in lower case."""
    body: bytes = b""

    @property
    def key(self) -> str:
        """The key on the wire, from either header; empty when there is none."""
        bearer = self.headers.get("authorization", "")
        return bearer.removeprefix("Bearer ") or self.headers.get("x-api-key", "")

    @property
    def json(self) -> Any:
        """The body as JSON, `None` where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def _parse_head(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _version = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines if line)
    return Request(method, path, {name.strip().lower(): value.strip() for name, _, value in pairs})


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request of a connection, `None` when the client has closed it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        request = _parse_head(head.removesuffix(b"\r\n\r\n"))
        body = await reader.readexactly(int(request.headers.get("content-length", "0")))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
        return None
    return Request(request.method, request.path, request.headers, body)
