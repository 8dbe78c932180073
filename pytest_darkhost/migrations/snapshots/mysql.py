"""
Takes a snapshot of a MySQL or MariaDB database. The queries on its `information_schema` are in `mysql_catalog`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.keys import row_key
from pytest_darkhost.migrations.snapshots.mysql_catalog import CHECKS, OBJECTS, SEQUENCE, SEQUENCES
from pytest_darkhost.migrations.snapshots.values import COLUMN_ORDER, SEQUENCE_POSITION, ObjectName, Snapshot, TableRows

BIG_ROWS = 20_000
"""A table of more rows is kept as digests, which the server makes."""
_BATCH = 10_000
_BINARY = frozenset(
    {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bit", "vector"}
    | {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"}
    | {"geometrycollection", "geomcollection"}
)
"""Types whose values are no text: their bytes are shown in hexadecimal."""
_SETTINGS = ("SET SESSION group_concat_max_len = 1000000", "SET SESSION time_zone = '+00:00'")
"""Of the session: a migration of MySQL rarely depends on them, and its DDL ends its transaction in any case."""


def take_mysql(connection: Connection, exclude: frozenset[str], earlier: Snapshot | None) -> Snapshot:
    """Return what the connection sees in its current database."""
    for setting in _SETTINGS:
        connection.exec_driver_sql(setting)
    # The name of the database is part of the text of views and generated columns.
    database = str(connection.exec_driver_sql("SELECT DATABASE()").scalar_one())
    own = re.compile(rf"`?{re.escape(database)}`?\.")
    objects = {name: own.sub("", text) for name, text in _objects(connection) if name.name.split(".")[0] not in exclude}
    tables = sorted(name.name for name in objects if name.kind == "table")
    return Snapshot("mysql", objects, {table: _rows(connection, table, objects, earlier) for table in tables})


def _objects(connection: Connection) -> Iterator[tuple[ObjectName, str]]:
    dialect: Any = connection.dialect
    for query in (*OBJECTS, CHECKS[dialect.is_mariadb]):
        for kind, name, definition in connection.exec_driver_sql(query):
            yield ObjectName(_text(kind), _text(name)), _text(definition)
    for name in connection.exec_driver_sql(SEQUENCES).scalars().all():
        definition, position = connection.exec_driver_sql(SEQUENCE.format(_quoted(name))).one()
        yield ObjectName("sequence", name), _text(definition)
        yield ObjectName(SEQUENCE_POSITION, name), _text(position)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else "" if value is None else str(value)


def _rows(connection: Connection, table: str, objects: Mapping[ObjectName, str], earlier: Snapshot | None) -> TableRows:
    columns = tuple(objects[ObjectName(COLUMN_ORDER, table)].split(", "))
    unique = _unique(connection, table)
    primary = unique.pop("PRIMARY", ())
    filled = [name for name in columns if "auto_increment" in objects[ObjectName("column", f"{table}.{name}")]]
    key = row_key(primary, list(unique.values()), filled)
    generated = tuple(name for name in primary if name in filled)
    known = earlier.tables.get(table) if earlier else None
    count: int = connection.exec_driver_sql(f"SELECT count(*) FROM {_quoted(table)}").scalar_one()
    order = f"ORDER BY {', '.join(map(_quoted, primary or key or columns))}"
    if not (known.rows is None if known else count > BIG_ROWS):
        values = ", ".join(_texts(table, columns, objects))
        rows = connection.exec_driver_sql(f"SELECT {values} FROM {_quoted(table)} {order}")
        return TableRows(columns, key, generated, count, tuple(tuple(row) for row in rows))
    texts = dict(zip(columns, _texts(table, columns, objects), strict=True))
    return _big(connection, _quoted(table), TableRows(columns, key, generated, count, None), order, texts)


def _big(connection: Connection, table: str, known: TableRows, order: str, texts: Mapping[str, str]) -> TableRows:
    """Return digests that the server made, in batches."""
    key = f"json_array({', '.join(texts[name] for name in known.key or known.columns)})"
    row = f"md5(json_array({', '.join(texts.values())}))"
    sums = "".join(f", sum(crc32(concat(k, coalesce(concat('=', {text}), ''))))" for text in texts.values())
    query = (
        f"SELECT group_concat(k, '\\t', r ORDER BY n SEPARATOR '\\n'){sums} FROM (SELECT t.*, {key} AS k, {row} AS r,"
        f" row_number() OVER ({order}) AS n FROM {table} t) t GROUP BY floor((n - 1) / {_BATCH}) ORDER BY min(n)"
    )
    connection.exec_driver_sql("SET SESSION group_concat_max_len = 1000000000")
    lines, totals = [], [0] * len(known.columns)
    for batch, *sums_of_batch in connection.exec_driver_sql(query):
        lines.append(_text(batch))
        totals = [total + int(each or 0) for total, each in zip(totals, sums_of_batch, strict=True)]
    digests = "\n".join(lines).encode(), tuple(map(str, totals))
    return TableRows(known.columns, known.key, known.generated, known.count, None, *digests)


def _unique(connection: Connection, table: str) -> dict[str, tuple[str, ...]]:
    """Return unique keys of whole columns that are never NULL, by name."""
    query = (
        "SELECT s.index_name, s.column_name, s.sub_part IS NOT NULL OR s.nullable = 'YES' OR s.column_name IS NULL"
        " FROM information_schema.statistics s WHERE s.table_schema = DATABASE() AND s.table_name = %s"
        " AND s.non_unique = 0 ORDER BY s.index_name, s.seq_in_index"
    )
    found: dict[str, tuple[str, ...]] = {}
    unfit = set()
    for name, column, not_whole in connection.exec_driver_sql(query, (table,)):
        found[name] = (*found.get(name, ()), column)
        unfit |= {name} if not_whole else set()
    return {name: columns for name, columns in found.items() if name not in unfit}


def _texts(table: str, columns: Sequence[str], objects: Mapping[ObjectName, str]) -> list[str]:
    """Return the expressions that give the columns as text."""
    types = [objects[ObjectName("type", f"{table}.{name}")] for name in columns]
    return [_as_text(_quoted(name), re.split(r"[( ]", kind)[0]) for name, kind in zip(columns, types, strict=True)]


def _as_text(column: str, kind: str) -> str:
    if kind in _BINARY:
        return f"hex({column})"
    # A server prints six digits of a FLOAT, which has more; of a DOUBLE it prints all.
    return f"CAST({column} + 0e0 AS char)" if kind == "float" else f"CAST({column} AS char)"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``").replace("%", "%%") + "`"
