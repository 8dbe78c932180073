"""
What the wire did for one request, while it happens: written by the network backend and by the library's trace.

It holds times, names and facts of the connection, never a byte of the request.
"""

import time
from dataclasses import dataclass, field

from pytest_darkhost.observations import Clock, Marks, Phase
from pytest_darkhost.transport.failures import UnaskedAnswerError

_OPENED = "connection.connect_tcp.started"


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """What is known of a connection from the moment it is open."""

    peer_address: str | None = None
    tls_version: str | None = None
    tls_certificate_sha256: str | None = None
    tls_verified: bool | None = None


@dataclass(slots=True)
class Recorder:
    """All times are `perf_counter_ns`; `marks` makes them relative to the start."""

    started_ns: int = field(default_factory=time.perf_counter_ns)
    phase: Phase = Phase.CONNECT
    facts: ConnectionFacts | None = None
    """Set when this request opened a connection."""
    events: set[str] = field(default_factory=set)
    """Names of the library's trace events."""
    clocks: set[Clock] = field(default_factory=set)
    """Who stamped what was read."""
    ended: bool = False
    """The peer closed the connection and we have read up to there."""
    dns_ns: int | None = None
    tcp_ns: int | None = None
    tls_ns: int | None = None
    sent_ns: int | None = None
    first_byte_ns: int | None = None
    end_ns: int | None = None
    last_write_ns: int | None = None
    last_read_ns: int | None = None
    until_s: float = float("inf")
    """When the body must have ended, as a time of the loop."""
    _awaits_first_byte: bool = False

    async def trace(self, event: str, _info: object) -> None:
        """
        Take one event of httpcore or httpcore2, such as `http11.send_request_body.complete`.

        :raises UnaskedAnswerError: when the response was there before the request, which ends the connection.
        """
        self.events.add(event)
        origin, _, rest = event.partition(".")
        match rest:
            case "send_request_headers.started":
                self.phase = Phase.WRITE
            case "send_request_body.complete":
                self.sent_ns = self.last_write_ns
            case "receive_response_headers.started":
                self.phase, self.first_byte_ns, self._awaits_first_byte = Phase.FIRST_BYTE, None, True
            case "receive_response_headers.complete":
                self._headers_came(origin)

    def _headers_came(self, origin: str) -> None:
        if origin != "http2" and self._awaits_first_byte and _OPENED not in self.events:
            # Nothing was read for them: they came over the open connection in one piece with the end of another answer.
            raise UnaskedAnswerError
        self.phase, self._awaits_first_byte = Phase.BODY, False
        if origin == "http2":
            # Bytes before these were settings of the connection, not of the response.
            self.first_byte_ns = self.last_read_ns

    def took(self, at_ns: int, data: bytes, clock: Clock = Clock.USER) -> None:
        """Note that bytes which arrived at a time are handed to the library; none means the end."""
        self.last_read_ns = at_ns
        # That the peer has closed is noticed by us: the kernel stamps bytes alone.
        self.clocks.add(clock if data else Clock.USER)
        if not data:
            self.ended = True
        elif self._awaits_first_byte:
            self.first_byte_ns, self._awaits_first_byte = at_ns, False

    @property
    def answered(self) -> bool:
        """Whether the library reported that response headers came over a socket."""
        return any(event.endswith(".receive_response_headers.complete") for event in self.events)

    def since_start(self, at_ns: int) -> int:
        """Return a time relative to the start. What had come before it, such as the rest of another answer, is at 0."""
        return max(0, at_ns - self.started_ns)

    def marks(self) -> Marks:
        """Return the times relative to the start."""
        ns = (self.dns_ns, self.tcp_ns, self.tls_ns, self.sent_ns, self.first_byte_ns, self.end_ns)
        dns, tcp, tls, sent, first, end = (None if at is None else self.since_start(at) for at in ns)
        return Marks(dns, tcp, tls, sent, first, end)
