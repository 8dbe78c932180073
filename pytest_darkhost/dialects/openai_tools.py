"""
Tool calls of Chat Completions: whole ones of a message, and fragments of a stream.

The form of an id is never judged: venues send nine bare characters, `functions.name:0`, and an empty string.
"""

from pytest_darkhost.dialects import json_text
from pytest_darkhost.dialects.nodes import Node
from pytest_darkhost.dialects.pieces import ToolFragment
from pytest_darkhost.dialects.venue_text import repaired


def message_calls(node: Node) -> tuple[ToolFragment, ...]:
    """Return the whole calls of a message. A call without a name is a fault."""
    items = _items(node)
    calls = tuple(_fragment(item) for item in items)
    for item, call in zip(items, calls, strict=True):
        if not call.name and isinstance(item.member("function").value, dict):
            item.member("function").member("name").fault("the name of a function")
    # Whole calls may share an index, or carry none: their place in the list tells them apart.
    return tuple(ToolFragment(place, c.id, c.name, c.arguments) for place, c in enumerate(calls))


def tool_fragments(node: Node) -> tuple[ToolFragment, ...]:
    """Return the fragments of a delta."""
    return tuple(_fragment(item) for item in _items(node))


def _items(node: Node) -> list[Node]:
    return [] if node.absent else [item for item in node.elements() if item.is_object()]


def _fragment(item: Node) -> ToolFragment:
    kind, function, index = item.member("type"), item.member("function"), item.member("index")
    if not (kind.absent or kind.value == ""):
        kind.must_be("function")
    if function.is_object():
        name, arguments = function.member("name").optional_text(), _arguments(function.member("arguments"))
    else:
        name, arguments = "", ""
    number = None if index.absent else index.count()
    return ToolFragment(number, item.string("id"), name, arguments)


def _arguments(node: Node) -> str:
    """Return arguments as JSON text; Mistral and Fireworks allow themselves an object, Fireworks null."""
    if not isinstance(node.value, dict):
        return node.optional_text()
    try:
        return repaired(json_text.encode(node.value))
    except json_text.NotJsonError as error:
        node.fault(f"JSON that is not {error}")
        return ""
