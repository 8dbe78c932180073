"""
Differences without what only follows from another one: the columns of a new table, the type of a new column.
"""

import re
from collections.abc import Iterable

from pytest_darkhost.migrations.differences import Difference

_CONTAINERS = (
    *("schema", "table", "foreign table", "materialized view", "view", "sequence", "column"),
    *("function", "enum", "domain", "composite type", "range"),
)
_FIRST = {kind: number for number, kind in enumerate(_CONTAINERS)}
_OWNED = re.compile(r"\bowned by ([\w.\"]+)")
_ON = re.compile(r"\bON (?:ONLY )?([\w.\"]+)", re.IGNORECASE)


def essential(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """
    Return the differences, containers first, without those of objects that came or went with one of them.

    An index that enforces a constraint bears its name, and is part of it.

    Rows are always kept: a declared table does not cover them.
    """
    found = sorted(differences, key=lambda each: _FIRST.get(each.kind, len(_FIRST) + (each.kind == "row")))
    gone = {(each.change, each.name) for each in found if each.kind in _FIRST and each.change != "changed"}
    backed = {(each.change, _index_of(each)) for each in found if each.kind == "constraint"}
    kept = (each for each in found if each.kind != "index" or (each.change, each.name) not in backed)
    return tuple(each for each in kept if each.kind == "row" or not _follows(each, gone))


def _follows(each: Difference, containers: set[tuple[str, str]]) -> bool:
    return any((each.change, name) in containers for name in _containers(each))


def _index_of(constraint: Difference) -> str:
    """Return the name of the index that enforces a constraint: the same, in the schema of its table."""
    *schema, _, name = constraint.name.split(".") if "." in constraint.name else ("", constraint.name)
    return ".".join((*schema, name))


def _containers(each: Difference) -> Iterable[str]:
    """Yield the names of what an object may hang on, beginning with the nearest."""
    if each.kind == "grant":
        yield each.name.rpartition(" to ")[0]  # a function's name has blanks
    if each.kind == "owner":
        yield each.name
    if each.kind not in _FIRST:
        yield each.name.partition(" ")[0]
    yield each.name.partition(" ")[0].rpartition(".")[0]
    definition = str(each.after or each.before or "")
    if each.kind == "index":
        yield from (_plain(name) for name in _ON.findall(definition)[:1])
    if each.kind == "sequence":
        yield from (_plain(name).rpartition(".")[0] for name in _OWNED.findall(definition)[:1])


def _plain(name: str) -> str:
    return name.replace('"', "").removeprefix("public.")
