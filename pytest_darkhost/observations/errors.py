"""
How a probe failed, as data: kind, phase, and what the venue said of it. Not one of our exceptions (`errors`).
"""

from dataclasses import dataclass
from enum import StrEnum


class ErrorKind(StrEnum):
    """The closed list of what can go wrong with a probe."""

    CANNOT_RESOLVE = "cannot_resolve"
    """The host's name has no address."""
    CONNECTION_REFUSED = "connection_refused"
    """Nothing listens at the address."""
    CONNECTION_FAILED = "connection_failed"
    """The connection could not be opened, or broke in the handshake."""
    TLS = "tls"
    """The handshake failed: the certificate, the name in it, or the protocol."""
    PROXY = "proxy"
    """The proxy that the environment names refused or failed."""
    TIMEOUT_CONNECT = "timeout_connect"
    """The name was not resolved, or the connection not open, in time."""
    TIMEOUT_TLS = "timeout_tls"
    """The TLS handshake was not done in time."""
    TIMEOUT_WRITE = "timeout_write"
    """The request could not be written in time."""
    TIMEOUT_FIRST_BYTE = "timeout_first_byte"
    """Nothing came within `first_byte_timeout_ms`."""
    TIMEOUT_BODY = "timeout_body"
    """The body fell silent, or was not whole in time."""
    CUT = "cut"
    """The peer closed the connection before the answer was whole."""
    MALFORMED_HTTP = "malformed_http"
    """What came breaks the rules of HTTP, or of the content encoding that it names."""
    TOO_LARGE = "too_large"
    """The body exceeds `ceilings.body_bytes` or 100,000 pieces, or cookies and account ids 16,384 characters."""
    REDIRECTED = "redirected"
    """The answer points elsewhere. It is reported and never followed."""
    NOT_JSON = "not_json"
    """The body is not JSON."""
    HTML = "html"
    """The body is an HTML page, as proxies and CDNs send it."""
    ERROR_IN_200 = "error_in_200"
    """Status 200 with an error in the body, or in the stream."""
    WRONG_DIALECT = "wrong_dialect"
    """The answer speaks the other dialect."""
    AUTH_REFUSED = "auth_refused"
    """The venue refused the key."""
    FORBIDDEN = "forbidden"
    """The venue says that the key may not do this."""
    NO_CREDIT = "no_credit"
    """The account has no credit left."""
    NO_SUCH_MODEL = "no_such_model"
    """The venue does not know the model."""
    NO_SUCH_ROUTE = "no_such_route"
    """The venue does not know the path: the base URL is wrong."""
    BAD_REQUEST = "bad_request"
    """The venue refused the request's fields."""
    RATE_LIMITED = "rate_limited"
    """Status 429."""
    OVERLOADED = "overloaded"
    """The venue says that it has no capacity now."""
    SERVER_ERROR = "server_error"
    """A status from 500 on that says nothing else."""
    UNEXPECTED_STATUS = "unexpected_status"
    """A status that none of the others describes."""
    COST_CAP = "cost_cap"
    """The call might have exceeded the spending cap, so it was not sent."""
    CANCELLED = "cancelled"
    """The run was stopped before the call was sent."""
    NOT_SERVED = "not_served"
    """The managed venue did not become ready."""
    NOT_RECORDED = "not_recorded"
    """The cassette holds no answer to this request."""
    ADAPTER = "adapter"
    """The team's adapter raised, or sent more than one request."""
    INTERNAL = "internal"
    """Our own code broke."""


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
