"""
The tables that rows go into, as the database has them, and what of the rows does not fit them.
"""

import warnings
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SAWarning

from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.rows.fitting import fitted
from pytest_darkhost.migrations.rows.row_set import Row, RowSet

_MOST_MISTAKES = 50
_MOST_SHOWN = 12


def tables_for(connection: Connection, names: Iterable[str], place: str) -> dict[str, sa.Table]:
    """
    Return the tables of these names, in an order in which rows can be put into them: what is referred to first.

    :param place: for errors.
    :raises UsageError: a table is not there.
    """
    metadata = sa.MetaData()
    found = {name: _reflected(connection, name, metadata, place) for name in names}
    by_table = {table.fullname: name for name, table in found.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # tables that refer to each other have no order
        ordered = sa.schema.sort_tables(found.values())
    return {by_table[table.fullname]: table for table in ordered}


def fitted_rows(rows: RowSet, tables: dict[str, sa.Table]) -> dict[str, list[Row]]:
    """
    Return the rows as the columns take them.

    :raises UsageError: columns are not there or missing, or values do not fit. Each mistake has its place.
    """
    mistakes: list[str] = []
    made = {
        name: [_fitted(rows, name, index, table, mistakes) for index in range(len(rows.tables[name]))]
        for name, table in tables.items()
    }
    if mistakes:
        more = [f"and {len(mistakes) - _MOST_MISTAKES} more"] if len(mistakes) > _MOST_MISTAKES else []
        raise UsageError("\n".join((*mistakes[:_MOST_MISTAKES], *more)))
    return made


def near_names(name: str, there: Iterable[str]) -> str:
    """Return `; there are: …`, the near ones first."""
    names = sorted({str(each) for each in there})
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    ordered = [*near, *(each for each in names if each not in near)]
    more = f" and {len(ordered) - _MOST_SHOWN} more" if len(ordered) > _MOST_SHOWN else ""
    return f"{', '.join(map(repr, ordered[:_MOST_SHOWN])) or 'none'}{more}"


def _reflected(connection: Connection, name: str, metadata: sa.MetaData, place: str) -> sa.Table:
    schema, _, bare = name.rpartition(".")
    inspector = sa.inspect(connection)
    if not inspector.has_table(bare, schema=schema or None):
        there = near_names(bare, inspector.get_table_names(schema or None))
        msg = f"{place}: {name}: no table {name!r}; tables: {there}. Does the file fit this revision?"
        raise UsageError(msg)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # types of extensions: their values are handed on as they are
        return sa.Table(bare, metadata, schema=schema or None, autoload_with=connection)


def _fitted(rows: RowSet, name: str, index: int, table: sa.Table, mistakes: list[str]) -> Row:
    row = rows.tables[name][index]
    made: dict[str, Any] = {}
    for column, value in row.items():
        try:
            made[column] = fitted(value, _column(table, column).type)
        except ValueError as error:
            mistakes.append(f"{rows.place(name, index, column)}: {error}")
    mistakes += [f"{rows.place(name, index, None)}: {fault}" for fault in _nulls(table, row)]
    return made


def _column(table: sa.Table, name: str) -> "sa.Column[Any]":
    if name not in table.c:
        msg = f"no column {name!r} in {table.fullname}; columns: {near_names(name, table.c.keys())}"
        raise ValueError(msg)
    return table.c[name]


def _nulls(table: sa.Table, row: Row) -> Iterator[str]:
    """Yield the columns that a row leaves without a value that they must have."""
    for column in table.c:
        filled = column.server_default is not None or column.computed or column.identity or _counts(table, column)
        if not column.nullable and row.get(column.name) is None and (column.name in row or not filled):
            what = "is NULL" if column.name in row else "is missing"
            yield f"{column.name} {what}, expected a value: the column is NOT NULL"


def _counts(table: sa.Table, column: "sa.Column[Any]") -> bool:
    """Return whether a database fills an integer primary key by itself."""
    return column is table.autoincrement_column
