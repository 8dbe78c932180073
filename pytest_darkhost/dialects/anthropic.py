"""
Messages: whole answers and streamed events become pieces. Their content is in `anthropic_blocks`.

Blocks and events of unknown type are passed over, as Anthropic's versioning policy asks of clients.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pytest_darkhost.dialects.anthropic_blocks import block_piece, delta_piece
from pytest_darkhost.dialects.anthropic_order import Progress, judge_order
from pytest_darkhost.dialects.decoding import decoded, noise
from pytest_darkhost.dialects.faults import note
from pytest_darkhost.dialects.nodes import Node
from pytest_darkhost.dialects.pieces import Format, Piece, PieceKind
from pytest_darkhost.dialects.sse import SseEvent
from pytest_darkhost.dialects.usage import anthropic_usage

STOP_REASONS = frozenset(
    {
        "end_turn",
        "max_tokens",
        "stop_sequence",
        "tool_use",
        "pause_turn",
        "refusal",
        "model_context_window_exceeded",
    }
)
_EVENTS = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    }
)
_COUNTS = (
    "input_tokens",
    "output_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "output_tokens_details",
)


def speaks(value: Any) -> bool:
    """Return whether a JSON value is a message."""
    return isinstance(value, dict) and value.get("type") == "message"


def message(root: Node) -> Piece:
    """Return what a whole message says."""
    root.member("role").must_be("assistant")
    reason = root.member("stop_reason")
    _judge_reason(reason)
    blocks = [block for block in root.member("content").elements() if block.is_object()]
    read = [block_piece(block, place) for place, block in enumerate(blocks)]
    return Piece(
        text="".join(piece.text for piece in read),
        reasoning="".join(piece.reasoning for piece in read),
        tools=tuple(tool for piece in read for tool in piece.tools),
        finish_reason=root.string("stop_reason"),
        usage=anthropic_usage(root.member("usage")),
        model=root.name("model"),
        id=root.name("id"),
    )


def pieces(events: tuple[SseEvent, ...], faults: list[str]) -> Iterator[Piece]:
    """
    Yield a piece for each event up to `message_stop`. What follows it is a fault, but for the one `[DONE]` of proxies.

    Usage is cumulative: each report is laid over those before it, because `message_delta` need not repeat the input.
    """
    counts: dict[str, Any] = {}
    progress = Progress()
    for number, event in enumerate(events):
        root = decoded(event, number, faults)
        if root is None:
            yield noise(event)
            continue
        counts = counts | _reported(root)
        yield replace(_piece(event, root, counts), at_ns=event.at_ns)
        progress = judge_order(root, progress)
        if root.get("type") == "message_stop":
            rest = events[number + 1 :]
            if rest and [event.data.strip() for event in rest[:2]] != ["[DONE]"]:
                note(faults, f"events[{number + 1}]: an event after message_stop, expected the end of the stream")
            return


def _reported(root: Node) -> dict[str, Any]:
    """Return the counts that an event reports, nulls left out."""
    place = root.member("message") if root.get("type") == "message_start" else root
    usage = place.member("usage")
    return {name: value for name in _COUNTS if (value := usage.get(name)) is not None}


def _piece(event: SseEvent, root: Node, counts: dict[str, Any]) -> Piece:
    kind = root.get("type")
    if kind == "error" or event.event == "error":
        return Piece(PieceKind.ERROR, failure=root.value)
    if not isinstance(kind, str) or kind not in _EVENTS:
        return _unknown(root)
    if event.event != kind:
        note(root.faults, f"{root.path}: event field {event.event!r}, expected {kind!r} as in its data")
    return _read(kind, root, counts)


def _unknown(root: Node) -> Piece:
    """Return a piece for a ping, for a newer event, or for what is no event of this dialect."""
    if isinstance(root.value, dict) and isinstance(root.value.get("type"), str) and "choices" not in root.value:
        return Piece(PieceKind.IDLE)
    root.fault("an event of a message")
    return Piece(PieceKind.ALIEN)


def _read(kind: str, root: Node, counts: dict[str, Any]) -> Piece:
    match kind:
        case "message_start":
            return _start(root.member("message"), counts)
        case "content_block_start":
            return block_piece(root.member("content_block"), _index(root), started=True)
        case "content_block_delta":
            return delta_piece(root.member("delta"), _index(root))
        case "message_delta":
            return _end(root, counts)
        case "message_stop":
            return Piece(PieceKind.DONE)
    return Piece()


def _start(message: Node, counts: dict[str, Any]) -> Piece:
    if not message.is_object():
        return Piece()
    message.member("type").must_be("message")
    message.member("role").must_be("assistant")
    usage = anthropic_usage(_merged(message.member("usage"), counts))
    return Piece(usage=usage, model=message.name("model"), id=message.name("id"))


def _end(root: Node, counts: dict[str, Any]) -> Piece:
    delta = root.member("delta")
    if delta.is_object() and delta.get("stop_reason") is not None:
        _judge_reason(delta.member("stop_reason"))
    usage = anthropic_usage(_merged(root.member("usage"), counts))
    return Piece(finish_reason=delta.string("stop_reason"), usage=usage)


def _judge_reason(reason: Node) -> None:
    """Note a reason that no document knows, and a refusal: it is documented, and no answer."""
    reason.must_be(*sorted(STOP_REASONS))
    if reason.value == "refusal":
        reason.fault("an answer")


def _merged(usage: Node, counts: dict[str, Any]) -> Node:
    return usage.instead(counts) if isinstance(usage.value, dict) else usage


def _index(root: Node) -> int | None:
    return root.member("index").count()


FORMAT = Format("an Anthropic message", speaks, message, pieces)
