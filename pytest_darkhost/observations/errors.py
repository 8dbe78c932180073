"""
How a probe failed, as data: kind, phase, and what the venue said of it. Not one of our exceptions (`errors`).
"""

from dataclasses import dataclass
from enum import StrEnum


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
