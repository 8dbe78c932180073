"""
Puts rows into tables: what is there with the same key is replaced, and sequences go on behind the highest number.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pytest_darkhost.catalog.failures import said
from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.rows.documents import by_columns
from pytest_darkhost.migrations.rows.references import require_referred
from pytest_darkhost.migrations.rows.row_set import Row, RowSet
from pytest_darkhost.migrations.rows.schema import fitted_rows, tables_for

_AT_ONCE = 1000


def put_rows(connection: Connection, rows: RowSet, place: str) -> None:
    """
    Put rows into the database of a connection, in its transaction.

    :param place: what errors begin with that concern no single row.
    :raises UsageError: they do not fit the schema.
    """
    tables = tables_for(connection, rows.tables, place)
    made = fitted_rows(rows, tables)
    require_referred(connection, rows, made, tables)
    for name, table in tables.items():
        if _has_rows(connection, table):
            _put_each(connection, rows, name, table, made[name])
        else:
            _put_all(connection, rows, name, table, made[name])
        advance(connection, table)


def insert_many(connection: Connection, table: sa.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows that have the same columns."""
    connection.execute(sa.insert(table), [dict(row) for row in rows])


def advance(connection: Connection, table: sa.Table) -> None:
    """Let the sequences of a table's columns go on behind the highest number. Only PostgreSQL needs to be told."""
    if connection.dialect.name != "postgresql":
        return
    quoted = connection.dialect.identifier_preparer.format_table(table)
    for column in table.c:
        name = sa.func.pg_get_serial_sequence(quoted, column.name)
        sequence = connection.execute(sa.select(name)).scalar()
        if sequence:
            highest = sa.select(sa.func.max(column)).scalar_subquery()
            connection.execute(sa.select(sa.func.setval(sequence, highest)).where(highest.is_not(None)))


def _put_all(connection: Connection, rows: RowSet, name: str, table: sa.Table, made: Sequence[Row]) -> None:
    """Insert all rows of an empty table; one after the other if one fails, to find it."""
    try:
        with connection.begin_nested():
            for alike in by_columns(made).values():
                for start in range(0, len(alike), _AT_ONCE):
                    insert_many(connection, table, alike[start : start + _AT_ONCE])
    except DBAPIError:
        _put_each(connection, rows, name, table, made)


def _put_each(connection: Connection, rows: RowSet, name: str, table: sa.Table, made: Sequence[Row]) -> None:
    """Put row after row, and say which one does not fit."""
    keys = unique_keys(connection, table)
    for index, row in enumerate(made):
        try:
            replace_or_insert(connection, table, row, keys)
        except DBAPIError as error:
            place = rows.place(name, index, None)
            msg = f"{place}: the database refuses the row ({said(error)}), expected one that fits"
            raise UsageError(msg) from None


def _has_rows(connection: Connection, table: sa.Table) -> bool:
    return connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None


def unique_keys(connection: Connection, table: sa.Table) -> tuple[tuple[str, ...], ...]:
    """Return the columns of the primary key, then of each unique constraint."""
    unique = sa.inspect(connection).get_unique_constraints(table.name, schema=table.schema)
    primary = tuple(column.name for column in table.primary_key.columns)
    return tuple(filter(None, (primary, *(tuple(each["column_names"]) for each in unique))))


def replace_or_insert(connection: Connection, table: sa.Table, row: Row, keys: Iterable[tuple[str, ...]]) -> None:
    """Give the row that has one of the same keys these values; where there is none, insert it."""
    for key in keys:
        if all(row.get(column) is not None for column in key):
            same = [table.c[column] == row[column] for column in key]
            if connection.execute(sa.select(sa.literal(1)).select_from(table).where(*same)).first():
                connection.execute(sa.update(table).where(*same).values(row))
                return
    insert_many(connection, table, [row])
