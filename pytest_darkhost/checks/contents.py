"""
What the plan's own prompts ask for beyond their schemas: an answer that fits a schema may still say nothing.

These rules are not sent, because the strict structured output of venues refuses such keywords or ignores them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_darkhost.checks.json_schema import schema_faults
from pytest_darkhost.checks.texts import has_text
from pytest_darkhost.standard_probes import CAPITAL_SCHEMA, WEATHER

_ASKED: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...] = (
    (WEATHER.parameters, {"properties": {"city": {"pattern": "[Oo][Ss][Ll][Oo]"}}}),
    (CAPITAL_SCHEMA, {"properties": {"capital": {"pattern": r"\w"}, "population": {"minimum": 1}}}),
)


def content_faults(value: Mapping[str, Any], schema: Mapping[str, Any], place: str = "$") -> Iterator[str]:
    """Yield `<JSON path>: <what is>, <what was expected>` where an object that fits a schema does not answer."""
    blank = [key for key, held in value.items() if isinstance(held, str) and not has_text(held)]
    yield from (f"{place}.{key}: an empty text, expected a value" for key in blank)
    filled = {key: held for key, held in value.items() if key not in blank}
    for known, asked in _ASKED:
        if schema == known:
            yield from schema_faults(filled, asked, place)
