"""
The YAML of a cassette as data: plain values only, and none that is ambiguous or larger than it looks.

Stricter than vcrpy's own loader. Tags of Python, aliases (from which a small file can grow without bound) and keys that
stand twice (of which the last would win unseen) are refused: no cassette that vcrpy or we have written holds any.
Values are built while the text is parsed, without a tree of nodes between: a replay reads little else.
"""

from typing import Any

import yaml
from yaml.constructor import ConstructorError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from pytest_darkhost.plain_text import one_line

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML was built without libYAML
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

_MOST_EVENTS = 200_000
"""An interaction has some sixty, however long its body."""
_TEXT = "tag:yaml.org,2002:str"


class _Reader(_SafeLoader):
    """Builds the one value of a text from the events of the parser. Scalars are what a safe loader makes of them."""

    left = _MOST_EVENTS
    """How many events it may still take."""

    def value(self) -> Any:
        """Return the value, or `None` where there is none. Raises `ValueError` or `yaml.YAMLError`."""
        self._expect(StreamStartEvent)
        if isinstance(self._next(), StreamEndEvent):
            return None
        found = self._value(self._next())
        self._next()
        self._expect(StreamEndEvent)
        return found

    def _next(self) -> Any:
        self.left -= 1
        if self.left < 0:
            msg = f"more than {_MOST_EVENTS} parts"
            raise ValueError(msg)
        return self.get_event()

    def _expect(self, kind: type[Event]) -> None:
        event = self._next()
        if not isinstance(event, kind):
            problem = "a second document" if isinstance(event, DocumentStartEvent) else type(event).__name__
            raise _mistake(problem, event)

    def _value(self, event: Any) -> Any:
        kind = type(event)
        if kind is ScalarEvent:
            return self._scalar(event)
        if kind is AliasEvent:
            raise _mistake("an alias", event)
        if event.tag is not None:
            problem = f"could not determine a constructor for the tag {event.tag!r}"
            raise _mistake(problem, event)
        return self._mapping() if kind is MappingStartEvent else self._sequence()

    def _sequence(self) -> list[Any]:
        found = []
        while type(event := self._next()) is not SequenceEndEvent:
            found.append(self._value(event))
        return found

    def _mapping(self) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        while type(event := self._next()) is not MappingEndEvent:
            if type(event) is not ScalarEvent:
                raise _mistake("a key that is no word", event)
            key = self._scalar(event)
            if key in found:
                problem = f"the key {event.value!r} twice"
                raise _mistake(problem, event)
            found[key] = self._value(self._next())
        return found

    def _scalar(self, event: Any) -> Any:
        """Return a text, or what a safe loader makes of a plain word that is a number, say, or of one with a tag."""
        value: str = event.value
        if event.tag is not None:
            tag = event.tag
        elif not event.implicit[0] or value[:1] not in self.yaml_implicit_resolvers:
            return value
        else:
            tag = self.resolve(yaml.ScalarNode, value, event.implicit)  # type: ignore[no-untyped-call]
        if tag == _TEXT:
            return value
        return self.construct_object(yaml.ScalarNode(tag, value, event.start_mark, event.end_mark))


def _mistake(problem: str, event: Any) -> ConstructorError:
    return ConstructorError(None, None, problem, event.start_mark)


def parsed(text: str) -> Any:
    """
    Return the value of a YAML text.

    :raises ValueError: with one line, when it is no YAML, or holds what a cassette does not.
    """
    try:
        return _Reader(text).value()
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(_said(error)) from None


def _said(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error) or type(error).__name__
    return one_line(f"line {mark.line + 1}: {problem}" if mark else problem)
