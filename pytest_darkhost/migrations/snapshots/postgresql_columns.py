"""
The columns and unique keys of one table of PostgreSQL, as a listing tells them. Asks nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pytest_darkhost.migrations.snapshots.values import COLUMN_ORDER, ObjectName

MOST_KEPT = 4096
"""Tables whose definitions are kept for the next listing: most of them will be the same."""


class Column(NamedTuple):
    """One element of what is listed as `COLUMNS`."""

    number: int
    name: str
    definition: str
    type: str
    default: str | None
    not_null: bool
    identity: bool

    @property
    def filled(self) -> bool:
        """Whether the database fills it."""
        return self.identity or (self.default or "").startswith("nextval(")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table in their physical order, as they are and as objects of a snapshot."""

    each: tuple[Column, ...] = ()
    objects: tuple[tuple[ObjectName, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(column.name for column in self.each)

    @property
    def filled(self) -> tuple[str, ...]:
        """The names of those that the database fills."""
        return tuple(column.name for column in self.each if column.filled)


@lru_cache(MOST_KEPT)
def read_columns(table: str, told: str) -> Columns:
    """Return the columns that are listed as JSON."""
    each = tuple(sorted(Column(*column) for column in json.loads(told)))
    return Columns(each, tuple(_objects(table, each)))


def _objects(table: str, columns: tuple[Column, ...]) -> Iterator[tuple[ObjectName, str]]:
    yield ObjectName(COLUMN_ORDER, table), ", ".join(column.name for column in columns)
    for column in columns:
        name = f"{table}.{column.name}"
        yield ObjectName("column", name), column.definition
        yield ObjectName("type", name), column.type
        if column.default is not None:
            yield ObjectName("default", name), column.default
        if column.not_null:
            yield ObjectName("constraint", f"{name} NOT NULL"), "NOT NULL"


def unique_keys(columns: Columns, told: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the primary key, empty where there is none, and other keys that are never NULL, by the names of both."""
    by_number: Mapping[int, Column] = {column.number: column for column in columns.each}
    primary: tuple[str, ...] = ()
    others: list[tuple[str, ...]] = []
    for is_primary, _, numbers, count in sorted(json.loads(told or "[]")):
        key = [by_number[int(number)] for number in numbers.split()[:count]]
        if is_primary:
            primary = tuple(column.name for column in key)
        elif all(column.not_null for column in key):
            others.append(tuple(column.name for column in key))
    return primary, others
