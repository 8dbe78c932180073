"""
Plain values from the events of a YAML parser, with the line of each. One event after the other, without recursion.

Parsing text is not done here (`yaml_nodes`), and what a spec may say is not known here (`loader`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import yaml

from pytest_darkhost.specs.document import Flaw, Place
from pytest_darkhost.specs.scalars import NotAValueError, plain_value
from pytest_darkhost.specs.shown import KeyPath, shown

MAX_DEPTH = 32
"""Deepest nesting of mappings and lists; a spec needs 5."""
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels, expected at most that"
_DROPPED = "\0"
"""Stands for a key whose value is read and thrown away; no real key can hold it."""


class StopReadingError(Exception):
    """The rest of the text is not worth reading; the flaw is noted."""


@dataclass(slots=True)
class _Frame:
    container: Any
    path: KeyPath
    key: str | None = None
    key_line: int = 1

    @property
    def next_path(self) -> KeyPath:
        """Return where the next value will stand."""
        last = len(self.container) if isinstance(self.container, list) else self.key
        return self.path if last is None else (*self.path, last)

    @property
    def child_path(self) -> KeyPath:
        """Return `next_path`, apart from real values where a container is used as a key."""
        path = self.next_path
        return path if path != self.path else (*path, _DROPPED)


@dataclass(slots=True)
class Reading:
    """What was read so far. Changes with each event, and lives for one file."""

    root: Any = None
    documents: int = 0
    stack: list[_Frame] = field(default_factory=list)
    places: dict[KeyPath, Place] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)

    def flaw(self, event: Any, text: str, *, hides_value: bool = False) -> None:
        """Note what is wrong at an event."""
        path = self.stack[-1].next_path if self.stack else ()
        if _DROPPED in path:
            path = path[: path.index(_DROPPED)]
        self.flaws.append(Flaw(event.start_mark.line + 1, path, text, hides_value))


def _document(reading: Reading, event: Any) -> None:
    reading.documents += 1
    if event.version not in (None, (1, 2)):
        reading.flaw(event, "the directive %YAML asks for another version, expected YAML 1.2")
    if reading.documents > 1:
        reading.flaw(event, "a second document begins, expected one venue per file")
        raise StopReadingError


def _scalar(reading: Reading, event: Any) -> None:
    _no_anchor_or_tag(reading, event)
    value = event.value
    if event.implicit[0] and not event.tag:
        try:
            value = plain_value(value)
        except NotAValueError as error:
            reading.flaw(event, str(error), hides_value=True)
            value = None
    _put(reading, event, value)


def _alias(reading: Reading, event: Any) -> None:
    reading.flaw(event, "an alias stands here, expected the value itself. Write it out", hides_value=True)
    _put(reading, event, None)


def _mapping(reading: Reading, event: Any) -> None:
    _open(reading, event, {})


def _sequence(reading: Reading, event: Any) -> None:
    _open(reading, event, [])


def _open(reading: Reading, event: Any, container: Any) -> None:
    _no_anchor_or_tag(reading, event)
    path = reading.stack[-1].child_path if reading.stack else ()
    if len(reading.stack) >= MAX_DEPTH:
        reading.flaw(event, TOO_DEEP)
        raise StopReadingError
    _put(reading, event, container)
    reading.stack.append(_Frame(container, path))


def _close(reading: Reading, _event: Any) -> None:
    reading.stack.pop()


def _no_anchor_or_tag(reading: Reading, event: Any) -> None:
    if event.anchor:
        reading.flaw(event, "an anchor stands here, expected the value alone. Write a repeated value out")
    if event.tag:
        reading.flaw(event, "a tag stands here, expected the value alone. Types follow from the key", hides_value=True)


def _put(reading: Reading, event: Any, value: Any) -> None:
    """Store a value, or take it as the key of the next one."""
    line = event.start_mark.line + 1
    if not reading.stack:
        reading.root, reading.places[()] = value, Place(line, line)
        return
    frame = reading.stack[-1]
    container, key = frame.container, frame.key
    if isinstance(container, list):
        reading.places[(*frame.path, len(container))] = Place(line, line)
        container.append(value)
    elif key is None:
        frame.key, frame.key_line = _key(reading, frame, event, value), line
    else:
        if key != _DROPPED:
            reading.places[(*frame.path, key)] = Place(frame.key_line, line)
            container[key] = value
        frame.key = None


def _key(reading: Reading, frame: _Frame, event: Any, value: Any) -> str:
    """Return the key, or `_DROPPED` where it cannot be one."""
    fault = _fault_of_key(reading, frame, value)
    if fault is None:
        return value  # type: ignore[no-any-return]  # text, or there were a fault
    reading.flaw(event, fault)
    return _DROPPED


def _fault_of_key(reading: Reading, frame: _Frame, value: Any) -> str | None:
    if not isinstance(value, str):
        return f"{shown(value)} is used as a key, expected text. Put it in quotes if it is meant so"
    if value == "<<":
        return "the merge key '<<' is used, which YAML 1.2 does not have, expected the keys themselves"
    if not value.isprintable() or not value:
        return "the key is empty or unprintable, expected a name"
    if value in frame.container:
        first = reading.places[(*frame.path, value)].key_line
        return f"{shown(value)} is given twice, expected once. The first is in line {first}"
    return None


HANDLERS: Mapping[type, Callable[[Reading, Any], None]] = MappingProxyType(
    {
        yaml.DocumentStartEvent: _document,
        yaml.ScalarEvent: _scalar,
        yaml.AliasEvent: _alias,
        yaml.MappingStartEvent: _mapping,
        yaml.SequenceStartEvent: _sequence,
        yaml.MappingEndEvent: _close,
        yaml.SequenceEndEvent: _close,
    }
)
