"""
The columns of one table of PostgreSQL, as a listing tells them. Asks nothing.
"""

import json
from collections.abc import Iterator
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
