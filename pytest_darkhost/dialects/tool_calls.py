"""
Fragments of tool calls become calls. Knows no dialect.
"""

from collections.abc import Iterable
from dataclasses import replace

from pytest_darkhost.dialects.pieces import ToolFragment
from pytest_darkhost.observations import ToolCall


def assembled(fragments: Iterable[ToolFragment]) -> tuple[ToolCall, ...]:
    """
    Return the calls in the order in which they began.

    A fragment belongs to the last call with its index, or without one to the last call. It starts a call of its own
    where there is none yet, or where its id or name says so: venues give all parallel calls one index, or none.
    """
    calls: list[ToolFragment] = []
    parts: list[list[str]] = []
    last_at: dict[int, int] = {}
    for fragment in fragments:
        place = len(calls) - 1 if fragment.index is None else last_at.get(fragment.index, -1)
        if place < 0 or _begins_another(calls[place], fragment):
            place = len(calls)
            calls.append(fragment)
            parts.append([])
        if fragment.index is not None:
            last_at[fragment.index] = place
        calls[place] = _completed(calls[place], fragment)
        parts[place].append(fragment.arguments)
    return tuple(ToolCall(c.name, "".join(part), c.id) for c, part in zip(calls, parts, strict=True))


def _begins_another(call: ToolFragment, fragment: ToolFragment) -> bool:
    """Return whether a fragment contradicts the call it would belong to. Ids may be repeated, and so may names."""
    if fragment.id and call.id:
        return fragment.id != call.id
    if not fragment.name or not call.name:
        return False
    return fragment.index is None or fragment.name != call.name


def _completed(call: ToolFragment, fragment: ToolFragment) -> ToolFragment:
    """Return the call with what only the fragment knows."""
    return replace(call, id=call.id or fragment.id or call.id, name=call.name or fragment.name)
