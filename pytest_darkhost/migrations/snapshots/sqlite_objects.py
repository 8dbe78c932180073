"""
What one table of SQLite is made of, as objects of a snapshot. Asks nothing.
"""

from collections.abc import Iterator
from functools import lru_cache

from pytest_darkhost.migrations.snapshots.sqlite_listing import MOST_KEPT, Column, Table
from pytest_darkhost.migrations.snapshots.sqlite_tokens import joined, tokens
from pytest_darkhost.migrations.snapshots.values import COLUMN_ORDER, ObjectName


@lru_cache(MOST_KEPT)
def table_objects(table: Table) -> tuple[tuple[ObjectName, str], ...]:
    """Return the table, its columns and constraints, with their definitions."""
    return tuple(_objects(table))


def _objects(table: Table) -> Iterator[tuple[ObjectName, str]]:
    yield ObjectName("table", table.name), joined(tokens(table.sql)) if table.virtual else ", ".join(table.text.options)
    yield ObjectName(COLUMN_ORDER, table.name), ", ".join(column.name for column in table.columns)
    for column in table.columns:
        yield from _column_objects(table, column)
    for name, definition in table.text.constraints:
        yield ObjectName("constraint", f"{table.name}.{name}" if name else f"{table.name} {definition}"), definition


def _column_objects(table: Table, column: Column) -> Iterator[tuple[ObjectName, str]]:
    name = f"{table.name}.{column.name}"
    expression = table.text.expressions.get(column.name.casefold())
    stored = {2: "virtual", 3: "stored"}.get(column.hidden)
    yield ObjectName("column", name), f"generated {stored} as {expression}" if stored else ""
    collation = table.text.collations.get(column.name.casefold())
    yield ObjectName("type", name), " ".join(filter(None, (_spaced(column.type), collation and f"COLLATE {collation}")))
    if column.default is not None:
        yield ObjectName("default", name), joined(tokens(column.default))
    # A primary key that is the rowid is never NULL, whether it says so or not.
    if column.not_null or column.name in table.filled:
        yield ObjectName("constraint", f"{name} NOT NULL"), "NOT NULL"


def _spaced(declared: str) -> str:
    """Return a type without the blanks that make no difference: `NUMERIC(10, 4)`."""
    return joined(tokens(declared)).upper()
