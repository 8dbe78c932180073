"""
Rows copied from another database, such as a replica of production: opened read-only, all tables at one moment.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from pytest_darkhost.catalog.failures import said
from pytest_darkhost.catalog.location import parsed_url, shown
from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.catalog.reader import read_from, revision_of
from pytest_darkhost.catalog.tables import has_table
from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.rows.putting import advance, insert_many, replace_or_insert, unique_keys
from pytest_darkhost.migrations.rows.schema import near_names, tables_for
from pytest_darkhost.migrations.rows.source import RowSource

_AT_ONCE = 1000


def rows_in_database(url: str, names: CatalogNames, tables: Sequence[str] = ()) -> RowSource:
    """
    Return the rows of named tables of another database. It is opened twice, read-only: now, and when they are put.

    :param tables: without any, the catalog's own: providers, models, and further hosts where there are some.
    :raises CatalogError: the database cannot be read, or has not one of the tables.
    """
    source = parsed_url(url)
    del url  # the other hides its password in a traceback that shows local variables
    location = shown(source)

    def look(connection: Connection, _location: str) -> tuple[tuple[str, ...], str | None]:
        chosen = tuple(tables) or tuple(_catalog_tables(connection, names))
        tables_for(connection, chosen, location)
        return chosen, revision_of(connection, names)

    def text() -> str:
        return source.render_as_string(hide_password=False)

    chosen, revision = read_from(text(), str, look)
    return RowSource(location, revision, lambda target: read_from(text(), str, partial(_copy, target, chosen)))


def _catalog_tables(connection: Connection, names: CatalogNames) -> Iterator[str]:
    for each in (names.providers, names.models, names.hosts):
        if each is not names.hosts or has_table(connection, each):
            yield each.table


def _copy(target: Connection, chosen: Sequence[str], source: Connection, location: str) -> None:
    """Copy table after table, in an order in which each finds what it refers to."""
    theirs = tables_for(source, chosen, location)
    ours = tables_for(target, chosen, "the database of the round trip")
    for name, table in ours.items():
        columns = _common(theirs[name], table, location)
        query = sa.select(*(theirs[name].c[column] for column in columns)).execution_options(yield_per=_AT_ONCE)
        keys = (
            unique_keys(target, table) if target.execute(sa.select(sa.func.count()).select_from(table)).scalar() else ()
        )
        try:
            for rows in source.execute(query).mappings().partitions(_AT_ONCE):
                _put(target, table, [dict(row) for row in rows], keys)
            advance(target, table)
        except DBAPIError as error:
            msg = f"{location}: the rows of {name} do not fit ({said(error)}), expected rows of the same revision"
            raise UsageError(msg) from None


def _put(target: Connection, table: sa.Table, rows: list[dict[str, Any]], keys: tuple[tuple[str, ...], ...]) -> None:
    if not keys:
        insert_many(target, table, rows)
    for row in rows if keys else ():
        replace_or_insert(target, table, row, keys)


def _common(theirs: sa.Table, ours: sa.Table, location: str) -> list[str]:
    """Return the columns to copy. Raises `UsageError` for one that only the source has: its rows would be others."""
    names = [column.name for column in theirs.columns]
    extra = [name for name in names if name not in ours.c]
    if extra:
        msg = (
            f"{location}: no column {extra[0]!r} in {ours.fullname}; columns: {near_names(extra[0], ours.c.keys())}. "
            "Expected a source at the revision after which the rows are put"
        )
        raise UsageError(msg)
    return names
