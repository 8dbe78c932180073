"""
The indexes of one relation of PostgreSQL, as a listing tells them. Asks nothing.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from pytest_darkhost.migrations.snapshots.postgresql_columns import MOST_KEPT, Column, Columns
from pytest_darkhost.migrations.snapshots.values import ObjectName


class Index(NamedTuple):
    """One element of what is listed as `INDEXES`."""

    primary: bool
    name: str
    key: str | None
    """The numbers of its columns, if it is a unique key of whole rows."""
    key_length: int
    """How many of the columns count."""
    definition: str | None
    """None of what a constraint stands for."""
    comment: str | None


@lru_cache(MOST_KEPT)
def read_indexes(told: str) -> tuple[Index, ...]:
    """Return the indexes that are listed as JSON, none for an empty text."""
    return tuple(
        sorted((Index(*each) for each in json.loads(told or "[]")), key=lambda each: (each.primary, each.name))
    )


def index_objects(indexes: tuple[Index, ...]) -> Iterator[tuple[ObjectName, str]]:
    """Yield what a snapshot says of them."""
    for each in indexes:
        if each.definition is not None:
            yield ObjectName("index", each.name), each.definition
        if each.comment is not None:
            yield ObjectName("comment", each.name), each.comment


def unique_keys(columns: Columns, indexes: tuple[Index, ...]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the primary key, empty where there is none, and other keys that are never NULL, by the names of both."""
    by_number: dict[int, Column] = {column.number: column for column in columns.each}
    primary: tuple[str, ...] = ()
    others: list[tuple[str, ...]] = []
    for index in indexes:
        if index.key is None:
            continue
        key = [by_number[int(number)] for number in index.key.split()[: index.key_length]]
        if index.primary:
            primary = tuple(column.name for column in key)
        elif all(column.not_null for column in key):
            others.append(tuple(column.name for column in key))
    return primary, others
