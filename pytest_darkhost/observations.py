"""
What one probe saw. Frozen values only; nothing here holds a key.

`Exchange` is what the transport saw on the wire, `Observation` is that and what a dialect read in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pytest_darkhost.probes import Probe


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


class StreamEnd(StrEnum):
    """How a stream ended. Only `COMPLETE` is good."""

    COMPLETE = "complete"
    """A finish reason and the dialect's own terminator arrived."""
    CUT = "cut"
    """The bytes stopped: no terminator, with or without an error of the connection."""
    NO_FINISH_REASON = "no_finish_reason"
    """The terminator arrived, a finish reason did not."""
    ERROR_EVENT = "error_event"
    """The venue sent an error inside the stream."""
    EMPTY = "empty"
    """Not one event arrived."""


class ErrorKind(StrEnum):
    """The closed list of what can go wrong with a probe."""

    CANNOT_RESOLVE = "cannot_resolve"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_FAILED = "connection_failed"
    TLS = "tls"
    PROXY = "proxy"
    TIMEOUT_CONNECT = "timeout_connect"
    TIMEOUT_TLS = "timeout_tls"
    TIMEOUT_WRITE = "timeout_write"
    TIMEOUT_FIRST_BYTE = "timeout_first_byte"
    TIMEOUT_BODY = "timeout_body"
    CUT = "cut"
    MALFORMED_HTTP = "malformed_http"
    TOO_LARGE = "too_large"
    REDIRECTED = "redirected"
    NOT_JSON = "not_json"
    HTML = "html"
    ERROR_IN_200 = "error_in_200"
    WRONG_DIALECT = "wrong_dialect"
    AUTH_REFUSED = "auth_refused"
    FORBIDDEN = "forbidden"
    NO_CREDIT = "no_credit"
    NO_SUCH_MODEL = "no_such_model"
    NO_SUCH_ROUTE = "no_such_route"
    BAD_REQUEST = "bad_request"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    SERVER_ERROR = "server_error"
    UNEXPECTED_STATUS = "unexpected_status"
    COST_CAP = "cost_cap"
    CANCELLED = "cancelled"
    NOT_SERVED = "not_served"
    NOT_RECORDED = "not_recorded"
    ADAPTER = "adapter"
    INTERNAL = "internal"


RETRYABLE = frozenset(
    {
        ErrorKind.CONNECTION_REFUSED,
        ErrorKind.CONNECTION_FAILED,
        ErrorKind.TIMEOUT_CONNECT,
        ErrorKind.TIMEOUT_TLS,
        ErrorKind.TIMEOUT_WRITE,
        ErrorKind.TIMEOUT_FIRST_BYTE,
        ErrorKind.TIMEOUT_BODY,
        ErrorKind.CUT,
        ErrorKind.RATE_LIMITED,
        ErrorKind.OVERLOADED,
        ErrorKind.SERVER_ERROR,
    }
)
"""Kinds after which the same request may succeed. The package itself never retries."""


class Phase(StrEnum):
    """Where in a request an error happened."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    WRITE = "write"
    FIRST_BYTE = "first_byte"
    BODY = "body"
    PARSE = "parse"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class ProbeError:
    """A failure of one probe, as data. Holds no key: every text is redacted where it is made."""

    kind: ErrorKind
    message: str
    """One line in our words."""
    phase: Phase | None = None
    status: int | None = None
    venue_code: str | None = None
    """The venue's own code, type or reason."""
    venue_message: str | None = None
    """The venue's own words, shortened."""
    request_id: str | None = None
    retry_after_s: float | None = None
    location: str | None = None
    """Where a redirect pointed, without its query."""

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later."""
        return self.kind in RETRYABLE


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
    clock: Clock = Clock.USER
    """`KERNEL` where every piece of the response was stamped by it."""

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(chunk.data for chunk in self.chunks)

    def header(self, name: str) -> str | None:
        """Return the first value of a response header, or `None`."""
        return next((value for key, value in self.headers if key == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as the venue reported them."""

    input_tokens: int
    """Includes cached tokens in both dialects: the reader adds Anthropic's separate counts."""
    output_tokens: int
    total_tokens: int | None = None
    """`None` where the dialect has none."""
    reasoning_tokens: int | None = None
    cached_input_tokens: int | None = None
    cost_usd: Decimal | None = None
    """The venue's own figure, where it gives one."""

    @property
    def billed_output_tokens(self) -> int:
        """`max(output, total - input)`: some venues leave reasoning out of the output count only."""
        if self.total_tokens is None:
            return self.output_tokens
        return max(self.output_tokens, self.total_tokens - self.input_tokens)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call that the model asked for."""

    name: str
    arguments: str
    """The JSON text as it came, or re-serialised where the dialect sends an object."""
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Delta:
    """One event of a stream that carried something generated."""

    at_ms: float
    text: str = ""
    reasoning: str = ""
    tool: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said, in no dialect."""

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None
    """As the venue spells it."""
    model: str | None = None
    """The model that the venue says it was."""
    id: str | None = None

    @property
    def at_token_ceiling(self) -> bool:
        """Whether generation ended because of `max_tokens`."""
        return self.finish_reason in {"length", "max_tokens", "model_length"}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Offsets in milliseconds since the request was issued; `None` where the phase did not happen."""

    dns_ms: float | None = None
    tcp_ms: float | None = None
    tls_ms: float | None = None
    request_sent_ms: float | None = None
    first_byte_ms: float | None = None
    first_token_ms: float | None = None
    """First event with generated text, reasoning or tool call; a bare role is none."""
    first_answer_token_ms: float | None = None
    """First event with text or tool call; reasoning is none."""
    last_token_ms: float | None = None
    end_ms: float | None = None

    @property
    def connected_ms(self) -> float:
        """When the connection was ready: 0 on one that was open already."""
        return max((mark for mark in (self.dns_ms, self.tcp_ms, self.tls_ms) if mark is not None), default=0.0)

    @property
    def asked_ms(self) -> float:
        """When the request was on its way: what our own client did before that is not the venue's time."""
        return max(self.connected_ms, self.request_sent_ms or 0.0)

    @property
    def took_ms(self) -> float | None:
        """The set-up of the connection, and from the request on its way to the end."""
        return None if self.end_ms is None else self.connected_ms + max(0.0, self.end_ms - self.asked_ms)

    @property
    def ttft_ms(self) -> float | None:
        """From the request on its way to the first token of any kind. A token that came before counts as at once."""
        return None if self.first_token_ms is None else max(0.0, self.first_token_ms - self.asked_ms)

    @property
    def first_answer_ms(self) -> float | None:
        """The same to the first token of the answer."""
        return None if self.first_answer_token_ms is None else max(0.0, self.first_answer_token_ms - self.asked_ms)


@dataclass(frozen=True, slots=True)
class Observation:
    """What one probe saw."""

    probe: Probe
    exchange: Exchange | None
    """`None` when nothing was sent."""
    error: ProbeError | None = None
    answer: Answer | None = None
    usage: Usage | None = None
    """The last usage that was reported."""
    usages: tuple[Usage, ...] = ()
    """All usages of a stream, in order."""
    listed_models: tuple[str, ...] | None = None
    stream_end: StreamEnd | None = None
    """`None` for what was not a stream."""
    deltas: tuple[Delta, ...] = ()
    faults: tuple[str, ...] = ()
    """Departures from the dialect's documented shape, each `<JSON path>: <what is>, <what was expected>`."""
    timeline: Timeline = Timeline()
    cost_usd: Decimal = Decimal(0)
    """What the call cost at the spec's prices; the worst case where the venue did not say."""
    rate_limit_wait_s: float = 0.0
    """How long we waited before this request, because the venue had asked for it. Part of no time."""
    adapter_problem: str | None = None
    """What the team's adapter made of an answer that the wire saw."""

    @property
    def mode(self) -> Mode:
        """How the observation came about."""
        return Mode.UNSEEN if self.exchange is None else self.exchange.mode


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteLabel:
    """What a cassette says of itself."""

    name: str
    """The file, relative to the root directory where it lies below it."""
    sha256: str
    """Digest of the file's bytes, in hexadecimal."""
    composed: bool
    """Whether it was composed, and so proves nothing about a venue."""
    venue: str
    model: str | None
    """Catalog slug; `None` for the cassette of the venue itself."""
    recorded_at: datetime
    """UTC."""
    run_id: str
    """The run that recorded it."""
    version: str
    """That of the package which wrote it."""
    base_url: str
    """As the spec said then, with `{port}` for a managed venue's port."""
    key_header: str
    """Where the key went: the header's name and what stands before the key, such as `authorization: Bearer`."""
    spec_sha256: str
    """Digest of the spec then."""
    unplayed: tuple[str, ...] = ()
    """The requests that it holds and no probe asked for, in words. Known once its target was replayed."""


@dataclass(frozen=True, slots=True)
class Observations:
    """All that was seen of a target and of its venue, by probe name, in the order sent."""

    by_probe: Mapping[str, tuple[Observation, ...]]
    cassette: CassetteLabel | None = None
    """`None` for what was not replayed."""

    def __getitem__(self, name: str) -> tuple[Observation, ...]:
        """Return the observations of one probe name; empty when none was planned."""
        return self.by_probe.get(name, ())

    def __iter__(self) -> Iterator[Observation]:
        return (observation for group in self.by_probe.values() for observation in group)

    def __len__(self) -> int:
        return sum(len(group) for group in self.by_probe.values())
