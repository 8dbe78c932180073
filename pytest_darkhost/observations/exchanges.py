"""
What the wire saw of one request: bytes, times, connection. Knows no dialect.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pytest_darkhost.observations.errors import ProbeError


class Mode(StrEnum):
    """How an observation came about: by the trace events of the HTTP library or by a cassette, not by an option."""

    LIVE = "live"
    """A socket was used: the library reported that response headers arrived, or how the attempt failed."""
    REPLAY = "replay"
    """Nothing was sent: the exchange is on a cassette, as it was recorded."""
    COMPOSED = "composed"
    """Nothing was sent: the exchange is on a cassette that was composed, and proves nothing about a venue."""
    UNSEEN = "unseen"
    """No library whose wire we observe took part."""


class Clock(StrEnum):
    """Who said when bytes of a response arrived."""

    KERNEL = "kernel"
    """The kernel, when it received them: `SO_TIMESTAMPNS` of Linux. What our own process did has no part in it."""
    USER = "user"
    """We, in the protocol's `data_received`: as late as our event loop was."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of a body that one read of the socket brought."""

    at_ns: int
    """Nanoseconds since the request was issued."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Marks:
    """When each phase ended, in nanoseconds since the request was issued; `None` where it did not happen."""

    dns_ns: int | None = None
    tcp_ns: int | None = None
    tls_ns: int | None = None
    request_sent_ns: int | None = None
    first_byte_ns: int | None = None
    end_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """What is known of the connection that carried a request."""

    fresh: bool
    """Whether this request opened it."""
    peer_address: str | None = None
    """Address and port that the socket was connected to; the proxy's, if there is one."""
    tls_version: str | None = None
    tls_certificate_sha256: str | None = None
    """Upper-case hexadecimal digest of the DER leaf certificate."""
    tls_verified: bool | None = None
    proxy: str | None = None
    """URL of the proxy without user information."""
    ca_source: str | None = None
    """Where the trusted certificates came from: `certifi`, or the variable of the environment that named them."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response as the wire saw them."""

    method: str
    url: str
    """The URL on the wire, without user information."""
    request_body: bytes
    started_at: datetime
    """UTC."""
    mode: Mode
    request_headers: tuple[tuple[str, str], ...] = ()
    """Those that the spec and the dialect ask for, names in lower case. Never one that carries a key."""
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """Response headers, names in lower case, cookies left out."""
    http_version: str | None = None
    """`1.1` or `2`."""
    chunks: tuple[Chunk, ...] = ()
    """The body without its content encoding."""
    marks: Marks = Marks()
    connection: Connection | None = None
    loop_lag_ms: float = 0.0
    """The longest time that our event loop was late while this request ran."""
    error: ProbeError | None = None
    """What the transport could not do. Errors that the venue reports are read by the dialect."""
    clock: Clock | None = Clock.USER
    """`KERNEL` where every piece of the response was stamped by it; `None` where a cassette does not say."""

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(chunk.data for chunk in self.chunks)

    def header(self, name: str) -> str | None:
        """Return the first value of a response header, or `None`."""
        return next((value for key, value in self.headers if key == name.lower()), None)
