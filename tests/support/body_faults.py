"""Faults in the shape of an answer: each changes the JSON of a body, or of every event of a stream."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from support.events import Event
from support.faults import Fault

Edit = Callable[[dict[str, Any]], None]
_REMOVED = object()
_OUTPUT = ("completion_tokens", "output_tokens")
_COSTS = ("estimated_cost", "cost_in_usd_ticks")


def _dicts(value: Any) -> list[dict[str, Any]]:
    """Return every object within a JSON value, outermost first."""
    if isinstance(value, dict):
        return [value, *(found for part in value.values() for found in _dicts(part))]
    return [found for part in value for found in _dicts(part)] if isinstance(value, list) else []


def _setting(changes: Mapping[str, Callable[[Any], Any]]) -> Edit:
    """Return an edit that replaces the values of these keys."""

    def edit(found: dict[str, Any]) -> None:
        for key in [key for key in changes if key in found]:
            value = changes[key](found[key])
            found.pop(key) if value is _REMOVED else found.update({key: value})

    return edit


def _same_for(keys: tuple[str, ...], change: Callable[[Any], Any]) -> Edit:
    return _setting(dict.fromkeys(keys, change))


def _null_text(found: dict[str, Any]) -> None:
    """Make the text null: `content` in one dialect, `text` of blocks and deltas in the other."""
    if isinstance(found.get("content"), str):
        found["content"] = None
    if found.get("type") in {"text", "text_delta"}:
        found["text"] = None


def _other_marker(found: dict[str, Any]) -> None:
    if str(found.get("object", "")).startswith("chat.completion"):
        found["object"] = "text_completion"
    if found.get("type") == "message":
        found["type"] = "completion"


def _kept(change: Any) -> Callable[[Any], Any]:
    """Return a change that leaves null alone."""
    return lambda value: value if value is None else change


_EDITS: Mapping[Fault, Edit] = MappingProxyType(
    {
        Fault.WRONG_OBJECT: _other_marker,
        Fault.NULL_CONTENT: _null_text,
        Fault.WRONG_ROLE: _setting({"role": lambda _: "user"}),
        Fault.UNKNOWN_FINISH: _same_for(("finish_reason", "stop_reason"), _kept("moon_phase")),
        Fault.NO_FINISH_REASON: _same_for(("finish_reason", "stop_reason"), lambda _: None),
        Fault.NO_USAGE: _setting({"usage": lambda _: _REMOVED}),
        Fault.WRONG_USAGE_SUM: _setting({"total_tokens": lambda total: total - 7}),
        Fault.NEGATIVE_USAGE: _same_for(_OUTPUT, lambda _: -1),
        Fault.WRONG_COST: _same_for(_COSTS, lambda cost: cost * 2),
    },
)


def edited(body: Any, fault: Fault | None) -> Any:
    """Return a JSON value with the fault planted; the same value for faults of other kinds."""
    edit = _EDITS.get(fault) if fault else None
    if edit is None:
        return body
    copy = deepcopy(body)
    for found in _dicts(copy):
        edit(found)
    return copy


def _decreasing(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Return the events with more output tokens in the first than in the last usage."""
    usages = [found for event in events for found in _dicts(event.data) if set(_OUTPUT) & set(found)]
    more = {key: value + 50 for key, value in usages[-1].items() if key in {*_OUTPUT, "total_tokens"}}
    first = deepcopy(events[0].data)
    holder = first.get("message", first)
    holder["usage"] = (holder.get("usage") or usages[-1]) | more
    return (replace(events[0], data=first), *events[1:])


def edited_events(events: tuple[Event, ...], fault: Fault | None, error: Any) -> tuple[Event, ...]:
    """Return a stream with the fault planted. `error` is the venue's envelope, for streams that turn into one."""
    half = events[: len(events) // 2]
    whole: Mapping[Fault | None, Callable[[], tuple[Event, ...]]] = {
        Fault.DECREASING_USAGE: lambda: _decreasing(events),
        Fault.ERROR_EVENT: lambda: (*half, Event(error, "error")),
        Fault.ERROR_DATA: lambda: (*half, Event(error)),
        Fault.EMPTY_STREAM: tuple,
        Fault.CUT_CLEAN: lambda: half,
        Fault.NO_TERMINATOR: lambda: events[:-1],
    }
    if fault in whole:
        return whole[fault]()
    return tuple(replace(event, data=edited(event.data, fault)) for event in events)
