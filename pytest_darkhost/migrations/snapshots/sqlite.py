"""
Takes a snapshot of an SQLite database, from pragmas where they tell, from the stored text where only that does.
"""

import marshal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.keys import row_key
from pytest_darkhost.migrations.snapshots.sqlite_asking import ask, ask_one, batches, errors_of_sqlalchemy
from pytest_darkhost.migrations.snapshots.sqlite_proof import pages_digest
from pytest_darkhost.migrations.snapshots.sqlite_tables import TableText, read_table
from pytest_darkhost.migrations.snapshots.sqlite_tokens import joined, tokens
from pytest_darkhost.migrations.snapshots.unchanged import known_rows
from pytest_darkhost.migrations.snapshots.values import COLUMN_ORDER, SEQUENCE_POSITION, ObjectName, Snapshot, TableRows

BIG_ROWS = 20_000
"""A table of more rows is kept as digests."""
_BATCH = 2_000
_TEXTS = ("index", "view", "trigger")
_SETTINGS = ("user_version", "application_id")


@dataclass(frozen=True, slots=True)
class _Column:
    """A row of `PRAGMA table_xinfo`."""

    name: str
    type: str
    not_null: bool
    default: str | None
    key_place: int
    hidden: int


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    kind: str
    sql: str
    columns: tuple[_Column, ...]
    text: TableText

    @property
    def primary(self) -> tuple[str, ...]:
        """The columns of the primary key, in its order."""
        keyed = sorted((column.key_place, column.name) for column in self.columns if column.key_place)
        return tuple(name for _, name in keyed)

    @property
    def filled(self) -> tuple[str, ...]:
        """The column that is the rowid: SQLite fills it."""
        alone = [column for column in self.columns if column.key_place]
        alias = len(alone) == 1 and alone[0].type == "INTEGER" and "without rowid" not in self.text.options
        return (alone[0].name,) if alias else ()


def take_sqlite(connection: Connection, exclude: frozenset[str], earlier: Snapshot | None) -> Snapshot:
    """Return what the connection sees in `main`."""
    with errors_of_sqlalchemy():
        return _taken(connection, exclude, earlier)


def _taken(connection: Connection, exclude: frozenset[str], earlier: Snapshot | None) -> Snapshot:
    tables = [table for table in _tables(connection) if table.name not in exclude]
    objects = dict(_stored_texts(connection, exclude))
    for table in tables:
        objects |= dict(_table_objects(table))
        objects |= dict(_positions(connection, table))
    for name in _SETTINGS:
        objects[ObjectName("setting", name)] = str(ask_one(connection, f"PRAGMA {name}"))
    rows = {table.name: _rows(connection, table, objects, earlier) for table in tables if table.kind != "virtual"}
    return Snapshot("sqlite", objects, rows)


def _tables(connection: Connection) -> Iterator[_Table]:
    query = (
        "SELECT name, sql FROM main.sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY 1"
    )
    for name, sql in ask(connection, query):
        info = ask(connection, f"PRAGMA main.table_xinfo({_quoted(name)})")
        columns = tuple(
            _Column(row[1], " ".join(row[2].upper().split()), bool(row[3]), row[4], row[5], row[6]) for row in info
        )
        virtual = tokens(sql)[:2] == ["create", "virtual"]
        yield _Table(name, "virtual" if virtual else "table", sql, columns, TableText() if virtual else read_table(sql))


def _stored_texts(connection: Connection, exclude: frozenset[str]) -> Iterator[tuple[ObjectName, str]]:
    query = "SELECT type, name, tbl_name, sql FROM main.sqlite_master WHERE type <> 'table' AND sql IS NOT NULL"
    for kind, name, table, sql in ask(connection, query):
        if table not in exclude:
            shown = f"{table}.{name}" if kind == "trigger" else name
            yield ObjectName(kind, shown), joined(tokens(sql))


def _table_objects(table: _Table) -> Iterator[tuple[ObjectName, str]]:
    yield (
        ObjectName("table", table.name),
        joined(tokens(table.sql)) if table.kind == "virtual" else ", ".join(table.text.options),
    )
    yield ObjectName(COLUMN_ORDER, table.name), ", ".join(column.name for column in table.columns)
    for column in table.columns:
        yield from _column_objects(table, column)
    for name, definition in table.text.constraints:
        yield ObjectName("constraint", f"{table.name}.{name}" if name else f"{table.name} {definition}"), definition


def _column_objects(table: _Table, column: _Column) -> Iterator[tuple[ObjectName, str]]:
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


def _positions(connection: Connection, table: _Table) -> Iterator[tuple[ObjectName, str]]:
    if "autoincrement" in table.text.options:
        query = "SELECT seq FROM main.sqlite_sequence WHERE name = ?"
        found = ask_one(connection, query, table.name)
        yield ObjectName(SEQUENCE_POSITION, table.name), "unused" if found is None else str(found)


def _rows(
    connection: Connection, table: _Table, objects: Mapping[ObjectName, str], earlier: Snapshot | None
) -> TableRows:
    columns = tuple(column.name for column in table.columns)
    key = row_key(table.primary, tuple(_unique(connection, table)), table.filled)
    order = table.primary or key or columns
    known = earlier.tables.get(table.name) if earlier else None
    count: int = ask_one(connection, f"SELECT count(*) FROM main.{_quoted(table.name)}")
    select = (
        f"SELECT {', '.join(map(_quoted, columns))} FROM main.{_quoted(table.name)}"
        f" ORDER BY {', '.join(map(_quoted, order))}"
    )
    if not (known.rows is None if known else count > BIG_ROWS):
        rows = tuple(ask(connection, select))
        return TableRows(columns, key, table.filled, count, rows)
    stamp = pages_digest(connection, table.name)
    same = known_rows(earlier, objects, table.name, columns, key)
    if same and same.stamp == stamp:
        return same
    digests = _digests(connection, select, columns, key or columns)
    return TableRows(columns, key, table.filled, count, None, *digests, stamp)


def _unique(connection: Connection, table: _Table) -> Iterator[tuple[str, ...]]:
    """Yield unique keys of whole columns that are never NULL, in the order of their names."""
    never_null = {column.name for column in table.columns if column.not_null}
    indexes = ask(connection, f"PRAGMA main.index_list({_quoted(table.name)})")
    for _, name, unique, origin, partial, *_ in sorted(indexes, key=lambda row: row[1]):
        if unique and not partial and origin != "pk":
            columns = [row[2] for row in ask(connection, f"PRAGMA main.index_info({_quoted(name)})")]
            if never_null.issuperset(columns):
                yield tuple(columns)


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
