"""
A value against the part of JSON Schema (2020-12) that the plan's own schemas use: `type`, `enum`, `required`,
`properties`, `additionalProperties: false`, `items`, `pattern` and `minimum`. Any other keyword is ignored.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pytest_darkhost.checks.texts import short


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Mapping[str, Callable[[Any], bool]] = MappingProxyType(
    {
        "object": lambda value: isinstance(value, dict),
        "array": lambda value: isinstance(value, list),
        "string": lambda value: isinstance(value, str),
        "boolean": lambda value: isinstance(value, bool),
        "null": lambda value: value is None,
        "number": _is_number,
        # JSON Schema Validation, 6.1.1: 3.0 is an integer.
        "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
    }
)


def json_type(value: Any) -> str:
    """Return the name of a JSON value's type, with its article."""
    name = next((name for name, is_so in _TYPES.items() if is_so(value)), "value")
    return f"{'an' if name[0] in 'ao' else 'a'} {name}"


def _of_type(value: Any, wanted: Any) -> bool:
    names = wanted if isinstance(wanted, list | tuple) else [wanted]
    return any(name in _TYPES and _TYPES[name](value) for name in names)


def _object_faults(value: Mapping[str, Any], schema: Mapping[str, Any], place: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    yield from (f"{place}.{key}: missing, expected a value" for key in schema.get("required", ()) if key not in value)
    if schema.get("additionalProperties") is False:
        extra = (key for key in value if key not in properties)
        yield from (f"{place}.{short(key, 40)}: not in the schema, expected no such key" for key in extra)
    for key, part in properties.items():
        if key in value:
            yield from schema_faults(value[key], part, f"{place}.{key}")


def _scalar_faults(value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        yield f"{place}: {short(repr(value), 60)}, expected a text that matches {schema['pattern']!r}"
    # Not `value < minimum`: a NaN is not above any minimum.
    if "minimum" in schema and _is_number(value) and not value >= schema["minimum"]:
        yield f"{place}: {short(repr(value), 60)}, expected at least {schema['minimum']}"


def schema_faults(value: Any, schema: Mapping[str, Any], place: str = "$") -> Iterator[str]:
    """Yield `<JSON path>: <what is>, <what was expected>` for each departure of a parsed value from a schema."""
    if "type" in schema and not _of_type(value, schema["type"]):
        yield f"{place}: {json_type(value)}, expected {schema['type']}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {short(repr(value), 60)}, expected one of {short(repr(schema['enum']), 80)}"
    yield from _scalar_faults(value, schema, place)
    if isinstance(value, dict):
        yield from _object_faults(value, schema, place)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from schema_faults(item, schema["items"], f"{place}[{index}]")
