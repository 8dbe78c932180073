"""The faults that the stand-in venue can play, and which requests each spoils unless a test says otherwise."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from support.asked import Kind


class Fault(StrEnum):
    """One thing that a venue does wrong. `ms` and `size` are arguments of the server."""

    # The connection
    ACCEPT_AND_CLOSE = "accept_and_close"
    """Every connection is closed as soon as it is accepted."""
    NO_ANSWER = "no_answer"
    """The request is read, then the connection is closed."""
    RESET_MID_HEADERS = "reset_mid_headers"
    """The connection is reset in the middle of the response's headers."""
    HANG = "hang"
    """The request is read and never answered."""
    ENDLESS_HEADERS = "endless_headers"
    """Header lines follow each other without end."""
    MALFORMED_HTTP = "malformed_http"
    """The answer is not HTTP."""
    HTTP_1_0 = "http_1_0"
    """A good answer as HTTP/1.0, whose body ends with the connection."""
    # Time
    SLOW_HEADERS = "slow_headers"
    """The headers come `ms` late."""
    SLOW_TOKENS = "slow_tokens"
    """A tenth of `ms` passes before each event of a stream."""
    STALL = "stall"
    """A stream pauses once for `ms`, in its middle."""
    LATE_TERMINATOR = "late_terminator"
    """The last two events of a good stream come half of `ms` late each."""
    # The end of a body
    CUT = "cut"
    """Half of the body arrives, then the connection closes without the chunked terminator or the promised length."""
    CUT_CLEAN = "cut_clean"
    """Half of the events arrive, then the HTTP body ends as it should, without finish reason and terminator."""
    NO_FINISH_REASON = "no_finish_reason"
    """All finish reasons are null; the terminator comes."""
    NO_TERMINATOR = "no_terminator"
    """The stream ends after the finish reason, without `[DONE]` or `message_stop`."""
    ERROR_EVENT = "error_event"
    """A 200 stream turns into `event: error` and ends."""
    ERROR_DATA = "error_data"
    """A 200 stream turns into `data: {"error": …}` without an event name and ends."""
    EMPTY_STREAM = "empty_stream"
    """A 200 event stream without a single event."""
    EMPTY_BODY = "empty_body"
    """A 200 with an empty body."""
    HUGE_BODY = "huge_body"
    """A good JSON answer with `size` blanks behind it."""
    ENDLESS_BODY = "endless_body"
    """A body that drips on without end."""
    # The kind of body
    HTML_200 = "html_200"
    """A page with status 200, as from a captive portal."""
    HTML_502 = "html_502"
    """A proxy's page with status 502."""
    NOT_JSON = "not_json"
    """Text with status 200 and the content type of JSON."""
    TRUNCATED_JSON = "truncated_json"
    """Half of a JSON body, with the length that it has."""
    ERROR_IN_200 = "error_in_200"
    """An error envelope with status 200."""
    WRONG_DIALECT = "wrong_dialect"
    """The other dialect's answer."""
    WRONG_CONTENT_TYPE = "wrong_content_type"
    """A good body labelled `application/octet-stream`."""
    GZIP = "gzip"
    """A good body compressed although nobody asked for it."""
    FIVE_PER_WRITE = "five_per_write"
    """A good stream, five events in each write."""
    ONE_BYTE_CHUNKS = "one_byte_chunks"
    """A good body, one byte in each write."""
    CRLF_COMMENTS_BOM = "crlf_comments_bom"
    """A good stream with a byte order mark, CRLF and comment lines."""
    # What the answer says
    WRONG_OBJECT = "wrong_object"
    """The dialect's type marker has another value."""
    NULL_CONTENT = "null_content"
    """The text is null."""
    WRONG_ROLE = "wrong_role"
    """The answer's role is `user`."""
    OTHER_MODEL = "other_model"
    """Another model's name is echoed."""
    UNKNOWN_FINISH = "unknown_finish"
    """The finish reason is a word that no document has."""
    NO_USAGE = "no_usage"
    """No usage anywhere."""
    WRONG_USAGE_SUM = "wrong_usage_sum"
    """The total is 7 below the sum. Anthropic's dialect has no total."""
    NEGATIVE_USAGE = "negative_usage"
    """Output tokens are -1."""
    DECREASING_USAGE = "decreasing_usage"
    """The first event of a stream reports more output tokens than the last."""
    CEILING_IGNORED = "ceiling_ignored"
    """500 tokens are generated, whatever `max_tokens` says."""
    WRONG_COST = "wrong_cost"
    """The venue's own cost figure is doubled. Only DeepInfra and xAI give one."""
    TOOL_AS_TEXT = "tool_as_text"
    """The tool call comes as text."""
    BROKEN_ARGUMENTS = "broken_arguments"
    """The arguments of the tool call are cut off."""
    WRONG_TOOL = "wrong_tool"
    """A tool is called that was never offered."""
    TOOL_IGNORED = "tool_ignored"
    """The tool is not called."""
    STREAM_TOOL_DIFFERS = "stream_tool_differs"
    """The streamed call has other argument names than the unstreamed one."""
    SCHEMA_IGNORED = "schema_ignored"
    """Prose comes instead of JSON that follows the schema."""
    MODEL_NOT_LISTED = "model_not_listed"
    """The model list lacks the model."""
    MODELS_WRONG_SHAPE = "models_wrong_shape"
    """The model list is no list of models."""
    # Errors that the venue reports
    REFUSED_KEY_ACCEPTED = "refused_key_accepted"
    """Any key is good enough."""
    UNKNOWN_MODEL_ANSWERED = "unknown_model_answered"
    """Any model name is answered."""
    RATE_LIMITED = "rate_limited"
    """429 with `Retry-After: 7`."""
    RATE_LIMITED_DATE = "rate_limited_date"
    """429 with `Retry-After` as a date, 7 seconds after the response's `Date`."""
    NO_CREDIT = "no_credit"
    """The venue's own answer when the money is used up."""
    INSUFFICIENT_QUOTA = "insufficient_quota"
    """429 with OpenAI's `insufficient_quota`: not a rate limit."""
    FORBIDDEN = "forbidden"
    """403 without a hint at key or credit."""
    SERVER_ERROR = "server_error"
    """500 in the venue's own envelope."""
    UNAVAILABLE = "unavailable"
    """503 in the venue's own envelope."""
    OVERLOADED = "overloaded"
    """529 in the venue's own envelope."""
    NO_ROUTE_TEXT = "no_route_text"
    """404 as `404 page not found`, plain text."""
    NO_ROUTE_HTML = "no_route_html"
    """404 as a page."""
    REDIRECT = "redirect"
    """308 to the server's `redirect_to`."""
    KEY_ECHOED = "key_echoed"
    """401 whose message repeats the key."""
    KEY_ECHOED_MASKED = "key_echoed_masked"
    """401 whose message repeats beginning and end of the key around stars."""


CHATTING = frozenset({Kind.CHAT, Kind.STREAM, Kind.TOOL, Kind.TOOL_STREAM, Kind.JSON_SCHEMA})
"""Everything that a model answers."""
EVERYTHING = CHATTING | {Kind.MODELS, Kind.REFUSED_KEY, Kind.UNKNOWN_MODEL}
_TEXT = frozenset({Kind.CHAT, Kind.STREAM})
_CHAT = frozenset({Kind.CHAT})
_STREAM = frozenset({Kind.STREAM})
_TOOLS = frozenset({Kind.TOOL, Kind.TOOL_STREAM})

_KINDS: Mapping[frozenset[Kind], tuple[Fault, ...]] = {
    _CHAT: (
        Fault.EMPTY_BODY,
        Fault.HUGE_BODY,
        Fault.NOT_JSON,
        Fault.TRUNCATED_JSON,
        Fault.ERROR_IN_200,
        Fault.WRONG_CONTENT_TYPE,
    ),
    _STREAM: (
        Fault.SLOW_TOKENS,
        Fault.STALL,
        Fault.LATE_TERMINATOR,
        Fault.CUT,
        Fault.CUT_CLEAN,
        Fault.NO_FINISH_REASON,
        Fault.NO_TERMINATOR,
        Fault.ERROR_EVENT,
        Fault.ERROR_DATA,
        Fault.EMPTY_STREAM,
        Fault.FIVE_PER_WRITE,
        Fault.CRLF_COMMENTS_BOM,
        Fault.DECREASING_USAGE,
    ),
    _TEXT: (
        Fault.WRONG_DIALECT,
        Fault.WRONG_OBJECT,
        Fault.NULL_CONTENT,
        Fault.WRONG_ROLE,
        Fault.OTHER_MODEL,
        Fault.UNKNOWN_FINISH,
        Fault.NO_USAGE,
        Fault.WRONG_USAGE_SUM,
        Fault.NEGATIVE_USAGE,
        Fault.CEILING_IGNORED,
        Fault.WRONG_COST,
    ),
    _TOOLS: (Fault.TOOL_AS_TEXT, Fault.BROKEN_ARGUMENTS, Fault.WRONG_TOOL, Fault.TOOL_IGNORED),
    frozenset({Kind.TOOL_STREAM}): (Fault.STREAM_TOOL_DIFFERS,),
    frozenset({Kind.JSON_SCHEMA}): (Fault.SCHEMA_IGNORED,),
    frozenset({Kind.MODELS}): (Fault.MODEL_NOT_LISTED, Fault.MODELS_WRONG_SHAPE),
    frozenset({Kind.REFUSED_KEY}): (Fault.REFUSED_KEY_ACCEPTED,),
    frozenset({Kind.UNKNOWN_MODEL}): (Fault.UNKNOWN_MODEL_ANSWERED,),
    CHATTING: (Fault.GZIP, Fault.ONE_BYTE_CHUNKS, Fault.HTTP_1_0, Fault.SLOW_HEADERS),
}
_BY_FAULT: Mapping[Fault, frozenset[Kind]] = MappingProxyType(
    {fault: kinds for kinds, faults in _KINDS.items() for fault in faults},
)


def default_kinds(fault: Fault) -> frozenset[Kind]:
    """Return which requests a fault spoils when a test does not say: everything, if the table does not."""
    return _BY_FAULT.get(fault, EVERYTHING)
