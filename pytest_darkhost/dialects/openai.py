"""
Chat Completions: whole answers and streamed chunks become pieces.

Lenient where venues differ and production does not care, strict where it does. Tool calls are in `openai_tools`.
"""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from pytest_darkhost.dialects.decoding import decoded, noise
from pytest_darkhost.dialects.faults import note
from pytest_darkhost.dialects.nodes import Node
from pytest_darkhost.dialects.openai_choices import choice_failure, judge_choices, judge_error, judge_reason
from pytest_darkhost.dialects.openai_plain import plain
from pytest_darkhost.dialects.openai_tools import message_calls, tool_fragments
from pytest_darkhost.dialects.pieces import Format, Piece, PieceKind
from pytest_darkhost.dialects.sse import SseEvent
from pytest_darkhost.dialects.usage import openai_usage
from pytest_darkhost.observations import Usage
from pytest_darkhost.plain_text import shown

_TERMINATOR = "[DONE]"
_THINKING = MappingProxyType({"thinking": "thinking", "reasoning": "summary"})
"""Types of parts that hold what the model thought, by the member that holds it: Mistral's and Databricks's."""


def speaks(value: Any) -> bool:
    """Return whether a JSON value is a chat completion or a chunk of one."""
    return isinstance(value, dict) and ("choices" in value or str(value.get("object")).startswith("chat.completion"))


def message(root: Node) -> Piece:
    """Return what a whole chat completion says: its first choice."""
    root.member("object").must_be("chat.completion")
    piece = _head(root)
    choices = root.member("choices").elements()
    if not choices:
        if isinstance(root.member("choices").value, list):
            note(root.faults, "choices: an empty list, expected at least one choice")
        return piece
    judge_choices(root.member("choices"), choices)
    judge_error(choices[0].member("error"))
    return _whole_choice(choices[0], piece)


def pieces(events: tuple[SseEvent, ...], faults: list[str]) -> Iterator[Piece]:
    """
    Yield a piece for each event up to the terminator `[DONE]`. What follows it is a fault, and so is a model that
    changes on the way.
    """
    model: str | None = None
    for number, event in enumerate(events):
        if event.data.strip() == _TERMINATOR:
            if len(events) > number + 1:
                note(faults, f"events[{number + 1}]: an event after {_TERMINATOR}, expected the end of the stream")
            yield Piece(PieceKind.DONE, event.at_ns)
            return
        piece = _piece(event, number, faults)
        model = model or piece.model
        if piece.model not in (None, model):
            told = f"events[{number}].model: {shown(piece.model)} in a later event"
            note(faults, f"{told}, expected {shown(model)}")
        yield piece


def _piece(event: SseEvent, number: int, faults: list[str]) -> Piece:
    if event.event == "ping":
        return Piece(PieceKind.IDLE, event.at_ns)
    root = decoded(event, number, faults)
    if root is None:
        return noise(event)
    piece = plain(root.value, event.at_ns) if event.event is None else None
    if piece is not None:
        return piece
    if event.event == "error" or root.get("error"):
        return Piece(PieceKind.ERROR, event.at_ns, failure=root.value)
    if not speaks(root.value):
        root.fault("a chunk of a chat completion")
        return Piece(PieceKind.ALIEN, event.at_ns)
    return _chunk(root, event.at_ns)


def _chunk(root: Node, at_ns: int) -> Piece:
    if _says_nothing(root):
        return Piece(PieceKind.IDLE, at_ns)
    root.member("object").must_be("chat.completion.chunk")
    piece = _head(root, at_ns)
    choices = root.member("choices").elements()
    judge_choices(root.member("choices"), choices)
    ours = [choice for choice in choices if choice.is_object() and _is_first(choice)]
    return _chunk_choice(ours[0], piece) if ours else piece


def _says_nothing(root: Node) -> bool:
    """Return whether a chunk is empty but for extensions, as Azure's first with its `prompt_filter_results` is."""
    heads = (root.get(name) for name in ("object", "model", "id"))
    return root.get("choices") == [] and root.get("usage") is None and all(head in (None, "") for head in heads)


def _head(root: Node, at_ns: int = 0) -> Piece:
    """Return what stands beside the choices. Groq repeats the usage in `x_groq`, so the first place wins."""
    place = root if root.get("usage") is not None else root.member("x_groq")
    return Piece(at_ns=at_ns, usage=_usage(place), model=root.name("model"), id=root.name("id"))


def _usage(holder: Node) -> Usage | None:
    """Return the usage that an object holds; most events of a stream have none."""
    return None if holder.get("usage") is None else openai_usage(holder.member("usage"))


def _is_first(choice: Node) -> bool:
    """Return whether this is the choice that was asked for; one without an index is."""
    index = choice.get("index")
    return index == 0 or not isinstance(index, int)


def _whole_choice(choice: Node, head: Piece) -> Piece:
    message = choice.member("message")
    tools = message_calls(message.member("tool_calls"))
    reason = choice.member("finish_reason")
    if message.is_object():
        message.member("role").must_be("assistant")
    if reason.value != "" or not tools:
        judge_reason(reason)
    text, reasoning = _content(message)
    if not (tools or reasoning or reason.value == "length"):
        _judge_content_key(message)
    return replace(head, text=text, reasoning=reasoning, tools=tools, finish_reason=choice.string("finish_reason"))


def _chunk_choice(choice: Node, head: Piece) -> Piece:
    delta, reason = choice.member("delta"), choice.get("finish_reason")
    if delta.is_object() and delta.get("role") not in (None, ""):
        delta.member("role").must_be("assistant")
    failure = choice_failure(choice)
    if failure is None and reason not in (None, ""):
        judge_reason(choice.member("finish_reason"))
    text, reasoning = _content(delta)
    usage = head.usage or _usage(choice)
    return Piece(
        head.kind if failure is None else PieceKind.ERROR,
        head.at_ns,
        text,
        reasoning,
        tool_fragments(delta.member("tool_calls")),
        choice.string("finish_reason"),
        usage,
        head.model,
        head.id,
        failure,
    )


def _judge_content_key(message: Node) -> None:
    """Note a message that has no `content`: it may be null, and missing beside calls or at the token ceiling."""
    if isinstance(message.value, dict) and "content" not in message.value:
        message.member("content").fault("a string")


def _content(message: Node) -> tuple[str, str]:
    """Return text and reasoning. Mistral and Databricks send content as a list of parts, the thinking among them."""
    content = message.member("content")
    if not isinstance(content.value, list):
        return content.optional_text(), _reasoning(message)
    parts = [part for part in content.elements() if part.is_object()]
    text = "".join(part.member("text").text() for part in parts if part.member("type").value == "text")
    thinking = "".join(map(_thought, parts))
    return text, thinking or _reasoning(message)


def _reasoning(message: Node) -> str:
    """Return reasoning under either of its names; venues that send both send it twice."""
    names = ("reasoning_content", "reasoning")
    return next((text for name in names if (text := message.string(name))), "")


def _thought(part: Node) -> str:
    kind = part.get("type")
    holder = _THINKING.get(kind) if isinstance(kind, str) else None
    return _thinking(part.member(holder)) if holder else ""


def _thinking(node: Node) -> str:
    if not isinstance(node.value, list):
        return node.optional_text()
    return "".join(part.member("text").optional_text() for part in node.elements())


FORMAT = Format("an OpenAI chat completion", speaks, message, pieces)
