"""
Whether each row that rows refer to is there, in the file or in the database. A database would only say that one is not.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.rows.row_set import Row, RowSet
from pytest_darkhost.migrations.rows.schema import near_names


def require_referred(
    connection: Connection, rows: RowSet, made: Mapping[str, Sequence[Row]], tables: Mapping[str, sa.Table]
) -> None:
    """Raise `UsageError` if rows refer to others that are not there, with the nearest ones."""
    mistakes = [
        mistake
        for name, table in tables.items()
        for key in table.foreign_key_constraints
        if len(key.elements) == 1
        for mistake in _dangling(connection, rows, made, name, key)
    ]
    if mistakes:
        raise UsageError("\n".join(mistakes))


def _dangling(
    connection: Connection, rows: RowSet, made: Mapping[str, Sequence[Row]], name: str, key: sa.ForeignKeyConstraint
) -> Iterator[str]:
    column = key.column_keys[0]
    target, _, referred = key.elements[0].target_fullname.rpartition(".")
    wanted = {row[column] for row in made[name] if row.get(column) is not None}
    ours = {row.get(referred) for row in made.get(target, ())}
    missing = wanted - ours
    if not missing:
        return
    there = _there(connection, target, referred)
    for index, row in enumerate(made[name]):
        value = row.get(column)
        if value in missing and value not in there:
            known = near_names(str(value), (each for each in {*ours, *there} if each is not None))
            yield f"{rows.place(name, index, column)}: no row {value!r} in {target}; rows: {known}"


def _there(connection: Connection, table: str, column: str) -> set[Any]:
    schema, _, bare = table.rpartition(".")
    clause = sa.table(bare, sa.column(column), schema=schema or None)
    return set(connection.execute(sa.select(clause.c[column])).scalars())
