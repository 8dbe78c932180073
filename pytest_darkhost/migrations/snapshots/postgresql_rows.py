"""
Reads the rows of the tables of a PostgreSQL database: all of small ones, digests of big ones.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.keys import row_key
from pytest_darkhost.migrations.snapshots.postgresql_asking import Answer, ask, ask_together
from pytest_darkhost.migrations.snapshots.postgresql_columns import MOST_KEPT, Columns, read_columns
from pytest_darkhost.migrations.snapshots.postgresql_indexes import read_indexes, unique_keys
from pytest_darkhost.migrations.snapshots.postgresql_proof import horizon, nothing_written
from pytest_darkhost.migrations.snapshots.postgresql_repeating import repeated
from pytest_darkhost.migrations.snapshots.unchanged import known_rows
from pytest_darkhost.migrations.snapshots.values import ObjectName, Snapshot, TableRows

BIG_BYTES = 4 << 20
"""A table of more is kept as digests, which the server makes."""
_BATCH = 10_000
_TOGETHER = 50


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of a table before its rows are read."""

    name: str
    place: str
    size_bytes: int
    columns: tuple[str, ...]
    generated: tuple[str, ...]
    key: tuple[str, ...]
    order: str
    """An `ORDER BY`, or nothing for a table without columns."""
    rows: str
    """A query of all rows, as one text."""


@lru_cache(MOST_KEPT)
def read_table(name: str, place: str, columns: str, indexes: str) -> Table:
    """Return the table of what is listed as `ROWS`, `COLUMNS` and `INDEXES`."""
    size_bytes, _, quoted = place.partition(" ")
    found = read_columns(name, columns) if columns else Columns()
    primary, others = unique_keys(found, read_indexes(indexes))
    key = row_key(primary, others, found.filled)
    generated = tuple(sorted({*primary} & {*found.filled}))
    order = _order(primary or key, found.names)
    rows = f"SELECT CAST(json_agg({_list(found.names)}{order}) AS text) FROM {quoted}"
    return Table(name, quoted, int(size_bytes), found.names, generated, key, order, rows)


def is_big(table: Table, earlier: Snapshot | None) -> bool:
    """Return whether a table is kept as digests: as in the earlier snapshot, or by its size."""
    known = earlier.tables.get(table.name) if earlier else None
    return known.rows is None if known else table.size_bytes > BIG_BYTES


def small_rows(
    connection: Connection, tables: Sequence[Table], known: Mapping[str, list[Answer]], *, before: str = ""
) -> Iterator[tuple[str, TableRows]]:
    """
    Yield the rows of tables, many with each message: one for each table would take most of the time.

    :param known: answers that are there already, by `Table.rows`.
    :param before: see `ask`.
    """
    asked = [table for table in tables if table.rows not in known]
    answers = {table.rows: answer for table, answer in zip(asked, _asked(connection, asked, before), strict=True)}
    for table in tables:
        ((text,),) = answers.get(table.rows) or known[table.rows]
        rows = tuple(map(tuple, json.loads(text or "[]")))
        yield table.name, TableRows(table.columns, table.key, table.generated, len(rows), rows)


def _asked(connection: Connection, tables: Sequence[Table], before: str) -> Iterator[list[Answer]]:
    for start in range(0, len(tables), _TOGETHER):
        some = tables[start : start + _TOGETHER]
        if before:
            statements = repeated(connection, [table.rows for table in some], before=before)
            yield from ask_together(connection, (before, *statements))[1:]
        else:
            ((*texts,),) = ask(connection, f"SELECT {', '.join(f'({table.rows})' for table in some)}")
            yield from ([(text,)] for text in texts)


def big_rows(
    connection: Connection, table: Table, objects: Mapping[ObjectName, str], earlier: Snapshot | None
) -> TableRows:
    """Return digests: earlier ones, if nothing was written since."""
    # Before the rows are read: what is written meanwhile counts as new the next time.
    stamp = horizon(connection)
    same = known_rows(earlier, objects, table.name, table.columns, table.key)
    if same and nothing_written(connection, table.place, same):
        return replace(same, stamp=stamp)
    return replace(_digests(connection, table), stamp=stamp)


def _digests(connection: Connection, table: Table) -> TableRows:
    """Return digests that the server made, in batches: one row each would take most of the time here."""
    key = f"CAST({_list(table.key or table.columns)} AS text)"
    columns = [f"hashtextextended({_as_text(name)}, k.seed)" for name in table.columns]
    sums = "".join(f", sum({column})" for column in columns)
    query = (
        f"SELECT string_agg(k.key || E'\\t' || hashtextextended(CAST(r AS text), 0), E'\\n' ORDER BY place),"
        f" count(*){sums}"
        f" FROM (SELECT t AS r, row_number() OVER ({table.order}) AS place, t.* FROM {table.place} t) t,"
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


def _order(key: Sequence[str], columns: Sequence[str]) -> str:
    names = [_quoted(name) for name in key] or [f'{_as_text(name)} COLLATE "C"' for name in columns]
    return f" ORDER BY {', '.join(names)}" if names else ""


def _list(columns: Sequence[str]) -> str:
    """Return an expression for columns as JSON: texts and nulls. Functions take 100 arguments at most, arrays more."""
    return f"to_json(CAST(ARRAY[{', '.join(map(_as_text, columns))}] AS text[]))"


def _as_text(name: str) -> str:
    return f"CAST({_quoted(name)} AS text)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
