"""
Which columns a database fills by itself: keys that it counts up, references to them, defaults that are computed.
"""

import re
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.engine import Inspector
from sqlalchemy.engine.interfaces import ReflectedColumn

_COMPUTED = re.compile(r"\w\(|\bcurrent_|\bnow\b|\blocaltime", re.IGNORECASE)
"""A call, or one of the standard's words for the present; a constant may have a cast (`'x'::text`)."""


def generated_columns(connection: Connection, tables: Iterable[str]) -> frozenset[str]:
    """Return the columns of these tables that the database fills where a row does not say them, as `table.column`."""
    inspector = sa.inspect(connection)
    found = {f"{table}.{column}" for table in tables for column in _filled(inspector, table)}
    return frozenset(found)


def _filled(inspector: Inspector, table: str) -> Iterable[str]:
    schema, _, name = table.rpartition(".")
    if not inspector.has_table(name, schema=schema or None):
        return
    keys = _counted_keys(inspector, name, schema or None)
    yield from keys
    for column in inspector.get_columns(name, schema=schema or None):
        if _is_computed(column):
            yield column["name"]
    for reference in inspector.get_foreign_keys(name, schema=schema or None):
        referred = _counted_keys(inspector, reference["referred_table"], reference["referred_schema"])
        pairs = zip(reference["constrained_columns"], reference["referred_columns"], strict=True)
        yield from (column for column, there in pairs if there in referred)


def _counted_keys(inspector: Inspector, name: str, schema: str | None) -> frozenset[str]:
    """Return the primary key where it is one whole number."""
    keys = inspector.get_pk_constraint(name, schema=schema)["constrained_columns"]
    columns = {column["name"]: column for column in inspector.get_columns(name, schema=schema)}
    whole = len(keys) == 1 and isinstance(columns[keys[0]]["type"], sa.Integer)
    return frozenset(keys if whole else ())


def _is_computed(column: ReflectedColumn) -> bool:
    default = column.get("default")
    return bool(column.get("identity") or column.get("computed") or (default and _COMPUTED.search(str(default))))
