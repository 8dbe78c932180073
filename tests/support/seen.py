"""What the stand-in venue remembers of requests and writes. Holds no key."""

import time
from dataclasses import dataclass
from typing import Any

from support.asked import Kind
from support.keys import KeyKind, key_kind
from support.request import Request

_LOGGED = frozenset({"accept", "accept-encoding", "anthropic-version", "content-type", "host", "user-agent"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that arrived. Holds no key."""

    number: int
    """1-based over the server's life."""
    connection: int
    """1-based number of the connection that it came on."""
    method: str
    path: str
    kind: Kind
    headers: dict[str, str]
    """Those that tests look at."""
    key_kind: KeyKind
    json: Any
    at_ns: int
    """`time.perf_counter_ns` when the request was complete."""

    @property
    def key_ok(self) -> bool:
        """Whether the request carried the accepted key."""
        return self.key_kind is KeyKind.GOOD


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a body."""

    request: int
    at_ns: int
    """`time.perf_counter_ns` just before the write."""
    size: int


def seen(request: Request, kind: Kind, number: int, connection: int) -> Seen:
    """Return what is remembered of a request that is complete now."""
    return Seen(
        number=number,
        connection=connection,
        method=request.method,
        path=request.path,
        kind=kind,
        headers={name: value for name, value in request.headers.items() if name in _LOGGED},
        key_kind=key_kind(request.key),
        json=request.json,
        at_ns=time.perf_counter_ns(),
    )
