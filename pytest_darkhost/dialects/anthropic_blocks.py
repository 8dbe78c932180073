"""
Content blocks of Messages, whole ones and deltas of a stream, become pieces.
"""

from pytest_darkhost.dialects import json_text
from pytest_darkhost.dialects.nodes import Node
from pytest_darkhost.dialects.pieces import Piece, ToolFragment
from pytest_darkhost.dialects.venue_text import repaired


def block_piece(block: Node, index: int | None, *, started: bool = False) -> Piece:
    """Return what a content block says. One that a stream starts has an empty `input`, and gets its text later."""
    kind = block.member("type")
    if not block.is_object():
        return Piece()
    match kind.value:
        case "text":
            return Piece(text=block.member("text").text())
        case "thinking":
            return Piece(reasoning=block.member("thinking").text())
        case "tool_use":
            return Piece(tools=(_tool(block, index, started=started),))
    kind.text()
    return Piece()


def _tool(block: Node, index: int | None, *, started: bool) -> ToolFragment:
    name, content = block.member("name"), block.member("input")
    if not name.text():
        name.fault("the name of a tool")
    arguments = _encoded(content) if content.is_object() else ""
    return ToolFragment(
        index,
        block.string("id"),
        block.string("name") or "",
        "" if started and arguments == "{}" else arguments,
    )


def _encoded(content: Node) -> str:
    try:
        return repaired(json_text.encode(content.value))
    except json_text.NotJsonError as error:
        content.fault(f"JSON that is not {error}")
        return ""


def delta_piece(delta: Node, index: int | None) -> Piece:
    """Return what a delta says; signatures and citations say nothing that is timed or judged."""
    if not delta.is_object():
        return Piece()
    match delta.member("type").value:
        case "text_delta":
            return Piece(text=delta.member("text").text())
        case "thinking_delta":
            return Piece(reasoning=delta.member("thinking").text())
        case "input_json_delta":
            return Piece(tools=(ToolFragment(index, arguments=delta.member("partial_json").text()),))
    delta.member("type").text()
    return Piece()
