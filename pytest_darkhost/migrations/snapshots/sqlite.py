"""
Takes a snapshot of an SQLite database, from pragmas where they tell, from the stored text where only that does.
"""

import marshal
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.keys import row_key
from pytest_darkhost.migrations.snapshots.sqlite_asking import Answer, ask, ask_one, batches, errors_of_sqlalchemy
from pytest_darkhost.migrations.snapshots.sqlite_listing import MOST_KEPT, Table, list_tables, list_unique
from pytest_darkhost.migrations.snapshots.sqlite_objects import table_objects
from pytest_darkhost.migrations.snapshots.sqlite_proof import pages_digest
from pytest_darkhost.migrations.snapshots.sqlite_tokens import joined, tokens
from pytest_darkhost.migrations.snapshots.unchanged import known_rows
from pytest_darkhost.migrations.snapshots.values import SEQUENCE_POSITION, ObjectName, Snapshot, TableRows

BIG_ROWS = 20_000
"""A table of more rows is kept as digests."""
_BATCH = 2_000
_SETTINGS = ("user_version", "application_id")


def take_sqlite(connection: Connection, exclude: frozenset[str], earlier: Snapshot | None) -> Snapshot:
    """Return what the connection sees in `main`."""
    with errors_of_sqlalchemy():
        return _taken(connection, exclude, earlier)


def _taken(connection: Connection, exclude: frozenset[str], earlier: Snapshot | None) -> Snapshot:
    tables = [table for table in list_tables(connection) if table.name not in exclude]
    objects = dict(_stored_texts(connection, exclude))
    for table in tables:
        objects.update(table_objects(table))
        objects.update(_positions(connection, table))
    objects.update(_settings(connection))
    unique = list_unique(connection)
    rows = {
        table.name: _rows(connection, table, unique.get(table.name, ()), objects, earlier)
        for table in tables
        if not table.virtual
    }
    return Snapshot("sqlite", objects, rows)


def _stored_texts(connection: Connection, exclude: frozenset[str]) -> Iterator[tuple[ObjectName, str]]:
    query = "SELECT type, name, tbl_name, sql FROM main.sqlite_master WHERE type <> 'table' AND sql IS NOT NULL"
    for kind, name, table, sql in ask(connection, query):
        if table not in exclude:
            shown = f"{table}.{name}" if kind == "trigger" else name
            yield ObjectName(kind, shown), _definition(sql)


@lru_cache(MOST_KEPT)
def _definition(sql: str) -> str:
    return joined(tokens(sql))


def _settings(connection: Connection) -> Iterator[tuple[ObjectName, str]]:
    query = f"SELECT * FROM {', '.join(f'pragma_{name}' for name in _SETTINGS)}"
    for name, value in zip(_SETTINGS, *ask(connection, query), strict=True):
        yield ObjectName("setting", name), str(value)


def _positions(connection: Connection, table: Table) -> Iterator[tuple[ObjectName, str]]:
    if "autoincrement" in table.text.options:
        query = "SELECT seq FROM main.sqlite_sequence WHERE name = ?"
        found = ask_one(connection, query, table.name)
        yield ObjectName(SEQUENCE_POSITION, table.name), "unused" if found is None else str(found)


def _rows(
    connection: Connection,
    table: Table,
    unique: Sequence[tuple[str, ...]],
    objects: Mapping[ObjectName, str],
    earlier: Snapshot | None,
) -> TableRows:
    columns, key, select = _reading(table, tuple(unique))
    known = earlier.tables.get(table.name) if earlier else None
    rows = None if known and known.rows is None else _read(connection, select, most=None if known else BIG_ROWS)
    if rows is not None:
        return TableRows(columns, key, table.filled, len(rows), tuple(rows))
    stamp = pages_digest(connection, table.name)
    same = known_rows(earlier, objects, table.name, columns, key)
    if same and same.stamp == stamp:
        return same
    count: int = ask_one(connection, f"SELECT count(*) FROM main.{_quoted(table.name)}")
    digests = _digests(connection, select, columns, key or columns)
    return TableRows(columns, key, table.filled, count, None, *digests, stamp)


@lru_cache(MOST_KEPT)
def _reading(table: Table, unique: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Return the columns of a table, those that name a row, and the question for all rows."""
    columns = tuple(column.name for column in table.columns)
    never_null = {column.name for column in table.columns if column.not_null}
    key = row_key(table.primary, [each for each in unique if never_null.issuperset(each)], table.filled)
    order = table.primary or key or columns
    names, by = (", ".join(map(_quoted, each)) for each in (columns, order))
    return columns, key, f"SELECT {names} FROM main.{_quoted(table.name)} ORDER BY {by}"


def _read(connection: Connection, select: str, *, most: int | None) -> list[Answer] | None:
    """Return all rows, or `None` where there are more than that many."""
    if most is None:
        return ask(connection, select)
    first = next(batches(connection, select, max(most + 1, 1)), [])
    return None if len(first) > most else first


def _digests(
    connection: Connection, select: str, columns: tuple[str, ...], key: tuple[str, ...]
) -> tuple[bytes, tuple[str, ...]]:
    """Return a line per row and a digest per column. `marshal` tells 1 from 1.0 and '1', and is quick."""
    places = [columns.index(name) for name in key]
    by_column = [blake2b(digest_size=16) for _ in columns]
    lines: list[bytes] = []
    for batch in batches(connection, select, _BATCH):
        for digest, values in zip(by_column, zip(*batch, strict=True), strict=True):
            digest.update(marshal.dumps(values, 2))
        for row in batch:
            shown = repr([row[place] for place in places])
            lines.append(f"{shown}\t{blake2b(marshal.dumps(row, 2), digest_size=8).hexdigest()}".encode())
    return b"\n".join(lines), tuple(digest.hexdigest() for digest in by_column)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
