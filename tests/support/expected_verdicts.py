"""Which checks each fault of a stand-in venue is to turn, and into what. All other checks are to pass."""

from collections.abc import Mapping
from types import MappingProxyType

from pytest_darkhost.observations import ErrorKind
from support.faults import Fault

Deviations = Mapping[str, str]
"""`failed` or a reason code, by check."""


def failed(*names: str) -> dict[str, str]:
    """Return that these checks fail."""
    return dict.fromkeys(names, "failed")


def unjudged(code: str, *names: str) -> dict[str, str]:
    """Return that these checks are not judged, for this reason."""
    return dict.fromkeys(names, code)


_CHAT = ("chat_shape", "usage", "model_identity", "latency_cold", "latency_warm", "cold_to_warm")
_PACE = ("inter_token_latency", "throughput")
_STREAM = ("stream_shape", "stream_terminates", "ttft", *_PACE)
_TOOLS = ("tool_call", "tool_call_stream")
_VENUE = ("model_listed", "refused_key")
_CALLS = (*_CHAT, *_STREAM, *_TOOLS, *_VENUE, "json_schema", "unknown_model", "cost")

NONE: Deviations = MappingProxyType({})
NO_CHAT = failed(*_CHAT)
"""No chat gave an answer."""
NO_PACE = unjudged("too_few_samples", *_PACE)
"""No stream told how fast its tokens came."""
NO_CALL = failed(*_CALLS)
"""The venue answered, but nothing that it should have."""
NO_VENUE = NO_CALL | failed("base_url_parity")
"""Nothing answered, or the venue says that the URL is wrong."""
LIMITED = unjudged("rate_limited", *_CALLS)
UNREADABLE = failed("chat_shape", "stream_shape")
ENDED_BADLY = failed("stream_terminates") | NO_PACE
# A venue may refuse a key as its spec declares even where it refuses the good one.
KEY_REFUSED = {name: word for name, word in NO_CALL.items() if name != "refused_key"}

EXPECTED: Mapping[Fault, Deviations] = MappingProxyType(
    {
        Fault.ACCEPT_AND_CLOSE: NO_VENUE,
        Fault.NO_ANSWER: NO_VENUE,
        Fault.RESET_MID_HEADERS: NO_VENUE,
        Fault.HANG: NO_VENUE,
        Fault.ENDLESS_HEADERS: NO_VENUE,
        Fault.MALFORMED_HTTP: NO_VENUE,
        Fault.HTTP_1_0: unjudged("too_few_samples", "latency_warm", "cold_to_warm"),
        Fault.SLOW_HEADERS: NONE,
        Fault.SLOW_TOKENS: NONE,
        Fault.STALL: NONE,
        Fault.LATE_TERMINATOR: NONE,
        Fault.CUT: ENDED_BADLY,
        Fault.CUT_CLEAN: ENDED_BADLY,
        Fault.NO_FINISH_REASON: failed("stream_terminates"),
        Fault.NO_TERMINATOR: ENDED_BADLY,
        Fault.ERROR_EVENT: ENDED_BADLY,
        Fault.ERROR_DATA: ENDED_BADLY,
        Fault.EMPTY_STREAM: ENDED_BADLY | failed("stream_shape") | unjudged("too_few_samples", "ttft"),
        Fault.EMPTY_BODY: NO_CHAT,
        Fault.HUGE_BODY: NO_CHAT,
        Fault.ENDLESS_BODY: NO_CALL,
        Fault.HTML_200: NO_CALL,
        Fault.HTML_502: NO_CALL,
        Fault.NOT_JSON: NO_CHAT,
        Fault.TRUNCATED_JSON: NO_CHAT,
        Fault.ERROR_IN_200: NO_CHAT,
        Fault.WRONG_DIALECT: NO_CHAT | failed(*_STREAM),
        Fault.WRONG_CONTENT_TYPE: failed("chat_shape"),
        Fault.GZIP: NONE,
        Fault.FIVE_PER_WRITE: NONE,
        Fault.ONE_BYTE_CHUNKS: NONE,
        Fault.CRLF_COMMENTS_BOM: NONE,
        Fault.WRONG_OBJECT: UNREADABLE,
        Fault.NULL_CONTENT: UNREADABLE | NO_PACE | unjudged("too_few_samples", "ttft"),
        Fault.WRONG_ROLE: UNREADABLE,
        Fault.OTHER_MODEL: failed("model_identity"),
        Fault.UNKNOWN_FINISH: UNREADABLE,
        Fault.NO_USAGE: failed("usage") | NO_PACE,
        Fault.WRONG_USAGE_SUM: failed("usage"),
        Fault.NEGATIVE_USAGE: failed("usage") | NO_PACE,
        Fault.DECREASING_USAGE: failed("usage"),
        Fault.CEILING_IGNORED: failed("usage", "cost"),
        Fault.WRONG_COST: NONE,
        Fault.TOOL_AS_TEXT: failed(*_TOOLS),
        Fault.BROKEN_ARGUMENTS: failed(*_TOOLS),
        Fault.WRONG_TOOL: failed(*_TOOLS),
        Fault.TOOL_IGNORED: failed(*_TOOLS),
        Fault.STREAM_TOOL_DIFFERS: failed("tool_call_stream"),
        Fault.SCHEMA_IGNORED: failed("json_schema"),
        Fault.MODEL_NOT_LISTED: failed("model_listed"),
        Fault.MODELS_WRONG_SHAPE: failed("model_listed"),
        Fault.REFUSED_KEY_ACCEPTED: failed("refused_key"),
        Fault.UNKNOWN_MODEL_ANSWERED: failed("unknown_model"),
        Fault.RATE_LIMITED: LIMITED,
        Fault.RATE_LIMITED_DATE: LIMITED,
        Fault.NO_CREDIT: NO_CALL,
        Fault.INSUFFICIENT_QUOTA: NO_CALL,
        Fault.FORBIDDEN: NO_CALL,
        Fault.SERVER_ERROR: NO_CALL,
        Fault.UNAVAILABLE: NO_CALL,
        Fault.OVERLOADED: NO_CALL,
        Fault.NO_ROUTE_TEXT: NO_VENUE,
        Fault.NO_ROUTE_HTML: NO_CALL,
        Fault.REDIRECT: NO_CALL,
        Fault.KEY_ECHOED: KEY_REFUSED,
        Fault.KEY_ECHOED_MASKED: KEY_REFUSED,
    },
)
"""On a venue of OpenAI's dialect, each fault on its own requests."""

ANTHROPIC: Mapping[Fault, Deviations] = MappingProxyType(
    {
        # The marker of a message is what tells the dialects apart.
        Fault.WRONG_OBJECT: NO_CHAT | failed("stream_shape"),
        # The dialect has no total.
        Fault.WRONG_USAGE_SUM: NONE,
        # The echo carries another code than the dialect's own refusal.
        Fault.KEY_ECHOED: NO_CALL,
        Fault.KEY_ECHOED_MASKED: NO_CALL,
    },
)
"""Where the other dialect differs."""

KINDS: Mapping[Fault, ErrorKind] = MappingProxyType(
    {
        Fault.ACCEPT_AND_CLOSE: ErrorKind.CUT,
        Fault.NO_ANSWER: ErrorKind.CUT,
        Fault.RESET_MID_HEADERS: ErrorKind.CUT,
        Fault.HANG: ErrorKind.TIMEOUT_FIRST_BYTE,
        Fault.ENDLESS_HEADERS: ErrorKind.MALFORMED_HTTP,
        Fault.MALFORMED_HTTP: ErrorKind.MALFORMED_HTTP,
        Fault.CUT: ErrorKind.CUT,
        Fault.ERROR_EVENT: ErrorKind.OVERLOADED,
        Fault.ERROR_DATA: ErrorKind.OVERLOADED,
        Fault.EMPTY_BODY: ErrorKind.NOT_JSON,
        Fault.HUGE_BODY: ErrorKind.TOO_LARGE,
        Fault.ENDLESS_BODY: ErrorKind.TIMEOUT_BODY,
        Fault.HTML_200: ErrorKind.HTML,
        Fault.HTML_502: ErrorKind.SERVER_ERROR,
        Fault.NOT_JSON: ErrorKind.NOT_JSON,
        Fault.TRUNCATED_JSON: ErrorKind.NOT_JSON,
        Fault.ERROR_IN_200: ErrorKind.ERROR_IN_200,
        Fault.WRONG_DIALECT: ErrorKind.WRONG_DIALECT,
        Fault.MODELS_WRONG_SHAPE: ErrorKind.WRONG_DIALECT,
        Fault.RATE_LIMITED: ErrorKind.RATE_LIMITED,
        Fault.RATE_LIMITED_DATE: ErrorKind.RATE_LIMITED,
        Fault.NO_CREDIT: ErrorKind.NO_CREDIT,
        Fault.INSUFFICIENT_QUOTA: ErrorKind.NO_CREDIT,
        Fault.FORBIDDEN: ErrorKind.FORBIDDEN,
        Fault.SERVER_ERROR: ErrorKind.SERVER_ERROR,
        Fault.UNAVAILABLE: ErrorKind.OVERLOADED,
        Fault.OVERLOADED: ErrorKind.OVERLOADED,
        Fault.NO_ROUTE_TEXT: ErrorKind.NO_SUCH_ROUTE,
        Fault.NO_ROUTE_HTML: ErrorKind.HTML,
        Fault.REDIRECT: ErrorKind.REDIRECTED,
        Fault.KEY_ECHOED: ErrorKind.AUTH_REFUSED,
        Fault.KEY_ECHOED_MASKED: ErrorKind.AUTH_REFUSED,
    },
)
"""The error of a call that a fault spoils; those that are absent spoil an answer without making it an error."""
