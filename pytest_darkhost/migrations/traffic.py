"""
Rows as production makes them once a model is lit: outcomes that refer to its row, and an entry of the audit log.

Which rows they refer to is found by foreign keys. All other values are the plainest that a column takes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from pytest_darkhost.catalog.audit import NO_ENTRY, AuditEntry, entry_hash
from pytest_darkhost.catalog.names import CatalogNames, TableNames, bare_name, schema_of
from pytest_darkhost.catalog.tables import has_table
from pytest_darkhost.migrations.steps import first_line

ROWS = 2
_PLAINEST: tuple[tuple[type[sa.types.TypeEngine[Any]], Callable[[], object]], ...] = (
    (sa.Boolean, lambda: False),
    (sa.Integer, lambda: 1),
    (sa.Float, lambda: 1.0),
    (sa.Numeric, lambda: Decimal(1)),
    (sa.DateTime, lambda: datetime.now(UTC).replace(tzinfo=None)),
    (sa.Date, lambda: datetime.now(UTC).date()),
    (sa.Interval, lambda: datetime.now(UTC) - datetime.now(UTC)),
    (sa.Uuid, lambda: UUID(int=0)),
    (sa.JSON, dict),
    (sa.LargeBinary, bytes),
    (sa.String, lambda: "x"),
)


class TrafficError(Exception):
    """No rows could be made that refer to the activated one; says why."""


def add_traffic(connection: Connection, names: CatalogNames, slug: str) -> tuple[str, ...]:
    """
    Add rows that refer to the model of a slug, and an audit entry about it; return the tables that have new ones.

    Nothing is committed. Raises `TrafficError`.
    """
    tables = (*_outcomes(connection, names, slug), *_audited(connection, names, slug))
    if not tables:
        there = f"{names.outcomes.table} or {names.audit.table}"
        msg = f"there is no table {there} to add rows to (ini darkhost_catalog_names: 'outcomes = …', 'audit = …')"
        raise TrafficError(msg)
    return tables


def _outcomes(connection: Connection, names: CatalogNames, slug: str) -> Iterator[str]:
    if not has_table(connection, names.outcomes):
        return
    table = _reflected(connection, names.outcomes)
    keys = dict(_references(connection, table, names, slug))
    if not keys:
        msg = f"{table.fullname} has no foreign key that leads to row {slug!r}, expected one to {names.models.table}"
        raise TrafficError(msg)
    row = keys | {each.name: _value(each) for each in table.columns if each.name not in keys and _must_be_said(each)}
    try:
        for _ in range(ROWS):
            connection.execute(table.insert().values(row))
    except SQLAlchemyError as error:
        msg = f"{table.fullname} takes no made-up row: {first_line(getattr(error, 'orig', None) or error)}"
        raise TrafficError(msg) from None
    yield table.name


def _references(
    connection: Connection, table: sa.Table, names: CatalogNames, slug: str
) -> Iterator[tuple[str, object]]:
    """Yield a value for each foreign key: the activated row where it leads there, else any row."""
    for reference in sa.inspect(connection).get_foreign_keys(table.name, schema=table.schema):
        there = sa.Table(
            reference["referred_table"],
            sa.MetaData(),
            autoload_with=connection,
            schema=reference["referred_schema"],
            resolve_fks=False,
        )
        query = sa.select(*(there.c[column] for column in reference["referred_columns"])).limit(1)
        row = connection.execute(_about(query, there, names, slug)).first() or connection.execute(query).first()
        if row is None:
            msg = f"{there.fullname} has no row for {table.fullname} to refer to"
            raise TrafficError(msg)
        yield from zip(reference["constrained_columns"], row, strict=True)


def _about(query: sa.Select[Any], there: sa.Table, names: CatalogNames, slug: str) -> sa.Select[Any]:
    """Return the query for the row of a slug, in a table of models or hosts; elsewhere as it is."""
    for each in (names.models, names.hosts):
        if there.name == bare_name(each) and each.slug in there.c:
            return query.where(there.c[each.slug] == slug)
    return query


def _must_be_said(column: sa.Column[Any]) -> bool:
    counted = column.primary_key and isinstance(column.type, sa.Integer)
    has_value = column.server_default is not None or column.identity is not None or column.computed is not None
    return not (column.nullable or has_value or counted)


def _value(column: sa.Column[Any]) -> object:
    if isinstance(column.type, sa.Enum):
        return column.type.enums[0]
    for kind, make in _PLAINEST:
        if isinstance(column.type, kind):
            return make()
    msg = f"{column.table.fullname}.{column.name} is of type {column.type}, for which no value can be made up"
    raise TrafficError(msg)


def _audited(connection: Connection, names: CatalogNames, slug: str) -> Iterator[str]:
    """Continue the chain of the audit table by one entry, if it is shaped like one."""
    if not has_table(connection, names.audit):
        return
    table = _reflected(connection, names.audit)
    columns = {field: getattr(names.audit, field) for field in AuditEntry.__slots__}
    if not set(columns.values()) <= set(table.columns.keys()):
        return
    seq_column, hash_column = table.c[names.audit.seq], table.c[names.audit.hash]
    last = connection.execute(sa.select(seq_column, hash_column).order_by(seq_column.desc()).limit(1)).first()
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    seq, previous = (last[0] + 1, last[1]) if last else (1, NO_ENTRY)
    entry = AuditEntry(seq, at, "darkhost", "served", slug, "{}", previous, "")
    entry = replace(entry, hash=entry_hash(entry))
    said: Mapping[str, object] = {column: getattr(entry, field) for field, column in columns.items()}
    connection.execute(table.insert().values(said))
    yield table.name


def _reflected(connection: Connection, names: TableNames) -> sa.Table:
    schema = schema_of(names)
    return sa.Table(bare_name(names), sa.MetaData(), autoload_with=connection, schema=schema, resolve_fks=False)
