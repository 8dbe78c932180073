"""Which requests each fault spoils, unless a test says otherwise."""

from collections.abc import Mapping
from types import MappingProxyType

from support.asked import Kind
from support.faults import Fault

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
