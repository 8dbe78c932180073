"""
Strict YAML 1.2 text to plain values, with the line of each, in one pass over the parser's events.

Values are typed by the core schema (YAML 1.2.2, 10.3.2): `no` is text. Duplicate keys, anchors, aliases, tags,
merge keys, several documents and deep nesting are mistakes. What a spec may say is not known here (`loader`).
"""

from types import MappingProxyType
from typing import Any

import yaml

from pytest_darkhost.specs.document import Document, Flaw
from pytest_darkhost.specs.yaml_building import HANDLERS, TOO_DEEP, Reading, StopReadingError

_PARSER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read(text: str) -> Document:
    """Return the values, places and flaws of a YAML text. Raises nothing, whatever the text."""
    reading = Reading()
    try:
        parser = _PARSER(text)
        while event := parser.get_event():
            if handle := HANDLERS.get(type(event)):
                handle(reading, event)
    except StopReadingError:
        return _document(reading, complete=False)
    except yaml.YAMLError as error:
        reading.flaws.append(_syntax(error, text))
        return _document(reading, complete=False)
    return _document(reading, complete=True)


def _document(reading: Reading, *, complete: bool) -> Document:
    return Document(reading.root, MappingProxyType(reading.places), tuple(reading.flaws), complete)


def _syntax(error: yaml.YAMLError, text: str) -> Flaw:
    """Return the parser's complaint as a flaw. Only its own words are used, never the line itself."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = min(mark.line if mark else 0, text.count("\n"))
    lines = text.splitlines() or [""]
    shown_line = lines[min(line, len(lines) - 1)]
    if "\t" in shown_line[: len(shown_line) - len(shown_line.lstrip())]:
        return Flaw(line + 1, (), "a tab is used for indentation, expected spaces")
    problem = getattr(error, "problem", None) or "the text cannot be read"
    if "maximum nesting depth" in problem:
        # libyaml has a bound of its own since 0.2.6, and looks ahead: it may stop before the event that ours is for.
        return Flaw(line + 1, (), TOO_DEEP)
    return Flaw(line + 1, (), f"not YAML ({problem}), expected YAML 1.2. Texts with ': ', '#', '{{' or '[' need quotes")
