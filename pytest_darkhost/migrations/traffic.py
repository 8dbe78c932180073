"""
Rows as production makes them once a model is lit: outcomes that refer to its row, and an entry of the audit log.

Which rows they refer to is found by foreign keys. All other values are the plainest that a column takes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from pytest_darkhost.catalog.audit import NO_ENTRY, AuditEntry, entry_hash
from pytest_darkhost.catalog.names import CatalogNames, TableNames, bare_name, schema_of
from pytest_darkhost.catalog.tables import has_table
from pytest_darkhost.migrations.entries import unreadable
from pytest_darkhost.migrations.steps import first_line

ROWS = 2


class Use(StrEnum):
    """What the rows that are added refer to, and where they are."""

    OTHERS = "others"
    """Outcomes and an entry about other rows than the activated one."""
    OUTCOMES = "outcomes"
    AUDIT = "audit"
    ALL = "all"
    """Outcomes and an entry about the activated row."""


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

OTHER = "another-model"
"""What an entry is about that is not about the activated row."""


class TrafficError(Exception):
    """No rows could be made that refer to the activated one; says why."""


@dataclass(frozen=True, slots=True)
class Added:
    """Rows that were added."""

    tables: tuple[str, ...] = ()
    refers: bool = False
    """Whether one of them refers to the activated row: outcomes of a host may only refer to its model."""
    outcomes: tuple[sa.Delete, ...] = ()
    """What removes those of the routing outcomes, by their primary keys."""


def add_traffic(connection: Connection, names: CatalogNames, slug: str, use: Use = Use.ALL) -> Added:
    """
    Add rows that refer to the model of a slug, or to others. Nothing is committed, and nothing added without a table.

    :raises TrafficError: no such rows can be made.
    """
    outcomes = _outcomes(connection, names, slug, others=use is Use.OTHERS) if use is not Use.AUDIT else Added()
    audited = _audited(connection, names, slug, others=use is Use.OTHERS) if use is not Use.OUTCOMES else ()
    refers = use is not Use.OTHERS and bool(outcomes.refers or audited)
    return Added((*outcomes.tables, *audited), refers, outcomes.outcomes)


def has_tables(connection: Connection, names: CatalogNames) -> tuple[Use, ...]:
    """Return where rows about the activated one can be added. Raises `TrafficError` where there is no table for any."""
    outcomes = (Use.OUTCOMES,) if has_table(connection, names.outcomes) else ()
    audit = () if unreadable(connection, names.audit) else (Use.AUDIT,)
    if not (outcomes or audit):
        there = f"{names.outcomes.table} or {names.audit.table}"
        msg = f"there is no table {there} to add rows to (ini darkhost_catalog_names: 'outcomes = …', 'audit = …')"
        raise TrafficError(msg)
    return (*outcomes, *audit)


def _outcomes(connection: Connection, names: CatalogNames, slug: str, *, others: bool) -> Added:
    if not has_table(connection, names.outcomes):
        return Added()
    table = _reflected(connection, names.outcomes)
    references = tuple(_references(connection, table, names, slug, others=others))
    keys = {column: value for column, value, _ in references}
    if not keys:
        msg = f"{table.fullname} has no foreign key that leads to row {slug!r}, expected one to {names.models.table}"
        raise TrafficError(msg)
    row = keys | {each.name: _value(each) for each in table.columns if each.name not in keys and _must_be_said(each)}
    try:
        made = [connection.execute(table.insert().values(row)).inserted_primary_key or () for _ in range(ROWS)]
    except SQLAlchemyError as error:
        msg = f"{table.fullname} takes no made-up row: {first_line(getattr(error, 'orig', None) or error)}"
        raise TrafficError(msg) from None
    columns = tuple(table.primary_key.columns)
    known = [tuple(key) for key in made if columns and None not in key]
    alike = ([column == value for column, value in zip(columns, key, strict=True)] for key in known)
    refers = any(ours for _, _, ours in references)
    return Added((table.name,), refers, tuple(sa.delete(table).where(*each) for each in alike))


def _references(
    connection: Connection, table: sa.Table, names: CatalogNames, slug: str, *, others: bool
) -> Iterator[tuple[str, object, bool]]:
    """Yield the columns of foreign keys: the activated row (or another one) where one leads there, else any row."""
    for reference in sa.inspect(connection).get_foreign_keys(table.name, schema=table.schema):
        there = sa.Table(
            reference["referred_table"],
            sa.MetaData(),
            autoload_with=connection,
            schema=reference["referred_schema"],
            resolve_fks=False,
        )
        query = sa.select(*(there.c[column] for column in reference["referred_columns"])).limit(1)
        wanted = _about(query, there, names, slug, others=others)
        row = connection.execute(wanted).first()
        ours = row is not None and wanted is not query and not others
        if row is None and not others:
            row = connection.execute(query).first()
        if row is None:
            msg = f"{there.fullname} has no row for {table.fullname} to refer to"
            raise TrafficError(msg)
        yield from ((column, value, ours) for column, value in zip(reference["constrained_columns"], row, strict=True))


def _about(query: sa.Select[Any], there: sa.Table, names: CatalogNames, slug: str, *, others: bool) -> sa.Select[Any]:
    """Return the query for the row of a slug, or for another one, in a table of models or hosts; else as it is."""
    for each in (names.models, names.hosts):
        if there.name == bare_name(each) and each.slug in there.c:
            return query.where((there.c[each.slug] != slug) if others else (there.c[each.slug] == slug))
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


def _audited(connection: Connection, names: CatalogNames, slug: str, *, others: bool) -> Iterator[str]:
    """Continue the chain of the audit table by one entry, if it is shaped like one."""
    if unreadable(connection, names.audit):
        return
    table = _reflected(connection, names.audit)
    columns = {field: getattr(names.audit, field) for field in AuditEntry.__slots__}
    seq_column, hash_column = table.c[names.audit.seq], table.c[names.audit.hash]
    last = connection.execute(sa.select(seq_column, hash_column).order_by(seq_column.desc()).limit(1)).first()
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    seq, previous = (last[0] + 1, last[1]) if last else (1, NO_ENTRY)
    entry = AuditEntry(seq, at, "darkhost", "served", OTHER if others else slug, "{}", previous, "")
    entry = replace(entry, hash=entry_hash(entry))
    said: Mapping[str, object] = {column: getattr(entry, field) for field, column in columns.items()}
    connection.execute(table.insert().values(said))
    yield table.name


def _reflected(connection: Connection, names: TableNames) -> sa.Table:
    schema = schema_of(names)
    return sa.Table(bare_name(names), sa.MetaData(), autoload_with=connection, schema=schema, resolve_fks=False)
