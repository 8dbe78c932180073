"""
Takes a snapshot of a PostgreSQL database. The queries on its catalogs are in `postgresql_catalog`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.keys import row_key
from pytest_darkhost.migrations.snapshots.postgresql_asking import Question, ask, ask_again
from pytest_darkhost.migrations.snapshots.postgresql_catalog import LISTING
from pytest_darkhost.migrations.snapshots.postgresql_proof import horizon, nothing_written
from pytest_darkhost.migrations.snapshots.postgresql_reading import ROWS
from pytest_darkhost.migrations.snapshots.unchanged import known_rows
from pytest_darkhost.migrations.snapshots.values import ObjectName, Snapshot, TableRows

BIG_BYTES = 4 << 20
"""A table of more is kept as digests, which the server makes."""
_BATCH = 10_000
_TOGETHER = 50
_SETTINGS = {
    "search_path": "pg_catalog",
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "row_security": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}
"""
What the text of a definition or value depends on. A row that a policy would hide is an error instead. And the long
query is planned once per connection at most, never compiled: either takes longer than to run it.
"""
_BEGIN = Question(
    "darkhost_begin",
    "WITH before AS MATERIALIZED (SELECT current_schema() AS schema, "
    + ", ".join(f"current_setting('{name}') AS {name}" for name in _SETTINGS)
    + ") SELECT before.*, "
    + ", ".join(f"set_config('{name}', '{value}', false)" for name, value in _SETTINGS.items())
    + " FROM before",
    (),
)
_END = Question(
    "darkhost_end",
    "SELECT " + ", ".join(f"set_config('{name}', :{name}, false)" for name in _SETTINGS),
    tuple(_SETTINGS),
)


def take_postgresql(connection: Connection, exclude: frozenset[str], earlier: Snapshot | None) -> Snapshot:
    """Return what the connection sees, without a lasting change of its settings."""
    with _plain_texts(connection) as schema:
        listed = ask_again(connection, LISTING, {"schema": schema, "exclude": tuple(sorted(exclude))})
        objects = {ObjectName(kind, name): definition or "" for kind, name, definition in listed if kind != ROWS}
        found = [_Table.of(name, json.loads(how)) for kind, name, how in listed if kind == ROWS]
        big = {table.name for table in found if _is_big(table, earlier)}
        tables = dict(_small(connection, [table for table in found if table.name not in big]))
        tables |= {table.name: _big(connection, table, objects, earlier) for table in found if table.name in big}
    return Snapshot("postgresql", objects, tables)


@contextmanager
def _plain_texts(connection: Connection) -> Iterator[str]:
    """Yield the default schema. Set what texts depend on, and set it back: the connection may be a migration's."""
    ((schema, *values),) = ask_again(connection, _BEGIN, {})
    before = dict(zip(_SETTINGS, values, strict=False))
    yield schema or "public"
    # Not after an error: the transaction is aborted then, and takes the settings back itself.
    ask_again(connection, _END, before)


@dataclass(frozen=True, slots=True)
class _Table:
    """What is known of a table before its rows are read."""

    name: str
    place: str
    size_bytes: int
    columns: tuple[str, ...]
    generated: tuple[str, ...]
    key: tuple[str, ...]
    order: tuple[str, ...]

    @classmethod
    def of(cls, name: str, told: Mapping[str, Any]) -> "_Table":
        """Return the table of what is listed as `ROWS`."""
        filled, keys = told["filled"] or (), list(map(tuple, told["keys"] or ()))
        primary = keys.pop(0) if told["primary"] else ()
        key = row_key(primary, keys, filled)
        generated = tuple(sorted({*primary} & {*filled}))
        return cls(
            name, told["place"], told["size_bytes"], tuple(told["columns"] or ()), generated, key, primary or key
        )


def _is_big(table: _Table, earlier: Snapshot | None) -> bool:
    known = earlier.tables.get(table.name) if earlier else None
    return known.rows is None if known else table.size_bytes > BIG_BYTES


def _small(connection: Connection, tables: Sequence[_Table]) -> Iterator[tuple[str, TableRows]]:
    """Yield the rows of tables, many with each question: a table each would take most of the time."""
    for start in range(0, len(tables), _TOGETHER):
        asked = tables[start : start + _TOGETHER]
        lists = (f"json_agg({_list(table.columns)}{_order(table)})" for table in asked)
        wanted = zip(lists, asked, strict=True)
        query = "SELECT " + ", ".join(f"(SELECT CAST({rows} AS text) FROM {table.place})" for rows, table in wanted)
        for table, answer in zip(asked, ask(connection, query)[0], strict=True):
            rows = tuple(map(tuple, json.loads(answer or "[]")))
            yield table.name, TableRows(table.columns, table.key, table.generated, len(rows), rows)


def _big(
    connection: Connection, table: _Table, objects: Mapping[ObjectName, str], earlier: Snapshot | None
) -> TableRows:
    """Return digests: earlier ones, if nothing was written since."""
    # Before the rows are read: what is written meanwhile counts as new the next time.
    stamp = horizon(connection)
    same = known_rows(earlier, objects, table.name, table.columns, table.key)
    if same and nothing_written(connection, table.place, same):
        return replace(same, stamp=stamp)
    return replace(_digests(connection, table), stamp=stamp)


def _digests(connection: Connection, table: _Table) -> TableRows:
    """Return digests that the server made, in batches: one row each would take most of the time here."""
    key = f"CAST({_list(table.key or table.columns)} AS text)"
    columns = [f"hashtextextended({_as_text(name)}, k.seed)" for name in table.columns]
    sums = "".join(f", sum({column})" for column in columns)
    query = (
        f"SELECT string_agg(k.key || E'\\t' || hashtextextended(CAST(r AS text), 0), E'\\n' ORDER BY place),"
        f" count(*){sums}"
        f" FROM (SELECT t AS r, row_number() OVER ({_order(table)}) AS place, t.* FROM {table.place} t) t,"
        f" LATERAL (SELECT {key} AS key, hashtextextended({key}, 0) AS seed) k GROUP BY (place - 1) / {_BATCH}"
        f" ORDER BY min(place)"
    )
    lines: list[str] = []
    count, totals = 0, [0] * len(columns)
    for batch, size, *sums_of_batch in ask(connection, query):
        lines.append(batch)
        count += size
        totals = [total + int(each or 0) for total, each in zip(totals, sums_of_batch, strict=True)]
    digests = tuple(map(str, totals))
    return TableRows(table.columns, table.key, table.generated, count, None, "\n".join(lines).encode(), digests)


def _order(table: _Table) -> str:
    names = [_quoted(name) for name in table.order] or [f'{_as_text(name)} COLLATE "C"' for name in table.columns]
    return f" ORDER BY {', '.join(names)}" if names else ""


def _list(columns: Sequence[str]) -> str:
    """Return an expression for columns as JSON: texts and nulls. Functions take 100 arguments at most, arrays more."""
    return f"to_json(CAST(ARRAY[{', '.join(map(_as_text, columns))}] AS text[]))"


def _as_text(name: str) -> str:
    return f"CAST({_quoted(name)} AS text)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
