"""
Rows copied from another database, such as a replica of production: opened read-only, all tables at one moment.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
MOST_ROWS = 100_000
"""How many rows a table may have that is copied, where nobody says otherwise. Part of a table would be other rows."""


def rows_in_database(
    url: str, names: CatalogNames, tables: Sequence[str] = (), *, most_rows: int = MOST_ROWS
) -> RowSource:
    """
    Return the rows of named tables of another database. It is opened twice, read-only: now, and when they are put.

    :param tables: without any, the catalog's own: providers, models, and further hosts where there are some. Not the
        routing outcomes, which may be many, and not the audit log: each database has a chain of its own.
    :param most_rows: of each table.
    :raises CatalogError: the database cannot be read.
    :raises UsageError: it has not one of the tables, or one has too many rows.
    """
    source = parsed_url(url)
    del url  # the other hides its password in a traceback that shows local variables
    location = shown(source)

    def look(connection: Connection, _location: str) -> tuple[tuple[str, ...], str | None]:
        chosen = tuple(dict.fromkeys(tables)) or tuple(_catalog_tables(connection, names))
        for name, table in tables_for(connection, chosen, location).items():
            _require_few(connection, table, f"{location}: {name}", most_rows)
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
    _require_columns(theirs, ours, location)
    for name, table in ours.items():
        # In the order of the key: a row that refers to another of its table mostly came later.
        query = sa.select(theirs[name]).order_by(*theirs[name].primary_key).execution_options(yield_per=_AT_ONCE)
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
    if target.dialect.name == "sqlite":
        _require_referred(target, ours.values(), location)


def _put(target: Connection, table: sa.Table, rows: list[dict[str, Any]], keys: tuple[tuple[str, ...], ...]) -> None:
    if not keys:
        insert_many(target, table, rows)
    for row in rows if keys else ():
        replace_or_insert(target, table, row, keys)


def _require_few(source: Connection, table: sa.Table, place: str, most_rows: int) -> None:
    """Raise `UsageError` for a table of too many rows. They are not counted any further."""
    some = sa.select(sa.literal(1)).select_from(table).limit(most_rows + 1).subquery()
    if source.execute(sa.select(sa.func.count()).select_from(some)).scalar_one() > most_rows:
        msg = (
            f"{place}: more than {most_rows} rows, expected at most so many: they are copied whole, for each database. "
            "Name other tables (--darkhost-rows-table), or allow more (ini darkhost_rows_limit)"
        )
        raise UsageError(msg)


def _require_columns(theirs: Mapping[str, sa.Table], ours: Mapping[str, sa.Table], location: str) -> None:
    """Raise `UsageError` for columns that only the source has, of all tables at once: its rows would be others."""
    mistakes = [
        f"{location}: no column {extra!r} in {ours[name].fullname}; columns: {near_names(extra, ours[name].c.keys())}"
        for name, table in theirs.items()
        for extra in table.columns.keys()  # noqa: SIM118 - a collection of columns, by name
        if extra not in ours[name].c
    ]
    if mistakes:
        expected = "Expected a source at the revision after which the rows are put"
        raise UsageError("\n".join((*mistakes[:-1], f"{mistakes[-1]}. {expected}")))


def _require_referred(target: Connection, tables: Iterable[sa.Table], location: str) -> None:
    """Raise `UsageError` for rows that refer to none: SQLite does not, unless it is asked to."""
    for table in tables:
        quoted = target.dialect.identifier_preparer.quote(table.name)
        found = target.exec_driver_sql(f"PRAGMA foreign_key_check({quoted})").first()
        if found is not None:
            msg = (
                f"{location}: rows of {table.fullname} refer to rows of {found[2]} that are not there, expected "
                f"{found[2]} among the tables (--darkhost-rows-table)"
            )
            raise UsageError(msg)
