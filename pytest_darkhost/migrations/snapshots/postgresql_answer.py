"""
Reads what a PostgreSQL server has listed. Asks nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pytest_darkhost.migrations.snapshots.postgresql_asking import Answer
from pytest_darkhost.migrations.snapshots.postgresql_columns import read_columns
from pytest_darkhost.migrations.snapshots.postgresql_indexes import index_objects, read_indexes
from pytest_darkhost.migrations.snapshots.postgresql_mentions import MENTIONS, named
from pytest_darkhost.migrations.snapshots.postgresql_reading import COLUMNS, INDEXES, ROWS
from pytest_darkhost.migrations.snapshots.postgresql_rows import Table, read_table
from pytest_darkhost.migrations.snapshots.values import SEQUENCE_POSITION, ObjectName, Part

_TOLD = frozenset({MENTIONS, COLUMNS, INDEXES, ROWS})


@dataclass(slots=True)
class _Told:
    """What the server has listed of one part. Grows while it is read."""

    objects: dict[ObjectName, str] = field(default_factory=dict)
    first: dict[str, tuple[str, str]] = field(default_factory=dict)
    """What is to be read first, by its kind: each with the name of the table."""

    def part(self) -> Part:
        """Return all of it."""
        objects = self.objects
        table, columns = self.first.get(COLUMNS, ("", ""))
        if columns:
            objects |= read_columns(table, columns).objects
        _, indexes = self.first.get(INDEXES, ("", ""))
        objects |= index_objects(read_indexes(indexes))
        _, numbers = self.first.get(MENTIONS, ("", ""))
        return Part(objects, named(numbers, objects.values()), _table(self.first) if ROWS in self.first else None)


def read_parts(numbers: Iterable[str], answer: Iterable[Answer]) -> dict[str, Part]:
    """Return the parts that were asked for, each of them, from rows of number, kind, name and definition."""
    told: dict[str, _Told] = defaultdict(_Told)
    for number, kind, name, definition in answer:
        if kind in _TOLD:
            told[number].first[kind] = name, definition or ""
        else:
            told[number].objects[ObjectName(kind, name)] = definition or ""
    return {number: told[number].part() for number in numbers}


def sequence_positions(parts: Mapping[str, Part], positions: str) -> dict[ObjectName, str]:
    """Return the positions of those sequences that are listed, from a line for each with its number."""
    return {
        ObjectName(SEQUENCE_POSITION, name): position
        for number, position in map(str.split, positions.splitlines())
        for kind, name in parts[number].objects
        if kind == "sequence"
    }


def _table(told: Mapping[str, tuple[str, str]]) -> Table:
    name, place = told[ROWS]
    columns, indexes = (told.get(kind, ("", ""))[1] for kind in (COLUMNS, INDEXES))
    return read_table(name, place, columns, indexes)
