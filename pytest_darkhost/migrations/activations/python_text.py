"""
Values as Python source, in the layout of ruff and black: double quotes, and a trailing comma where a line each is used.
"""

import keyword
from collections.abc import Mapping
from decimal import Decimal

_INDENT = "    "
_TAKEN = frozenset(
    {"add", "as_readonly", "clear", "compare", "contains_column", "contains_name", "corresponding_column"}
)
_METHODS = frozenset({"extend", "get", "items", "keys", "remove", "update", "values"})
_WIDTH = 100


def quoted(value: object) -> str:
    """Return a value as source. Exact numbers become SQL, because drivers differ in what they make of `Decimal`."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Decimal):
        return f'sa.literal_column("{value:f}")'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(key)}: {quoted(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(quoted, value)) + "]"
    return repr(value)


def block(value: Mapping[str, object], depth: int = 0) -> str:
    """Return a mapping with a line for each key, and lists of mappings likewise."""
    inner = _INDENT * (depth + 1)
    lines = [f"{inner}{quoted(key)}: {_item(item, depth + 1)}," for key, item in value.items()]
    return "\n".join(("{", *lines, f"{_INDENT * depth}}}"))


def column(variable: str, name: str) -> str:
    """Return how a column of a table in a variable is named in source."""
    plain = name.isidentifier() and not keyword.iskeyword(name) and name not in _TAKEN | _METHODS
    return f"{variable}.c.{name}" if plain and not name.startswith("_") else f"{variable}.c[{quoted(name)}]"


def in_docstring(text: str) -> str:
    """Return a text that can stand between triple quotes."""
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _item(value: object, depth: int) -> str:
    if isinstance(value, Mapping) and len(quoted(value)) + len(_INDENT * depth) > _WIDTH:
        return block(value, depth)
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        inner = _INDENT * (depth + 1)
        items = [f"{inner}{_item(item, depth + 1)}," for item in value]
        return "\n".join(("[", *items, f"{_INDENT * depth}]"))
    return quoted(value)


def _text(value: str) -> str:
    plain = repr(value)
    if plain.startswith("'") and '"' not in value:
        return '"' + plain[1:-1].replace("\\'", "'") + '"'
    return plain
