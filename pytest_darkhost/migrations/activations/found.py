"""
What a catalog holds that an activation must know: the rows, how the table is built, what refers to it, the audit chain.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from pytest_darkhost.catalog.audit import audit_entries, chain_fault
from pytest_darkhost.catalog.names import CatalogNames, HostNames, TableNames, bare_name, schema_of
from pytest_darkhost.catalog.reader import catalog_on
from pytest_darkhost.catalog.rows import Catalog
from pytest_darkhost.catalog.tables import has_table


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    type: Any
    """SQLAlchemy's type."""
    required: bool
    """Whether an INSERT must name it: it may not be NULL, and the database fills nothing in."""


@dataclass(frozen=True, slots=True)
class Referrer:
    """A foreign key of one column that refers to a table."""

    table: str
    """Qualified by its schema where that is not the default one."""
    column: str
    refers_to: str
    """The column that it refers to."""


@dataclass(frozen=True, slots=True)
class Found:
    """One moment of a catalog."""

    catalog: Catalog
    models: Mapping[str, Column]
    """Columns by name."""
    hosts: Mapping[str, Column]
    """Columns of the table of further hosts; empty where there is none."""
    host_slugs: frozenset[str]
    """Slugs of further hosts."""
    referrers: Mapping[str, tuple[Referrer, ...]]
    """Foreign keys by the table that they refer to."""
    audited: bool
    audit_fault: str | None
    """Where the audit chain breaks."""


def found_in(connection: Connection, names: CatalogNames, location: str) -> Found:
    """Return what a catalog holds. Raises `CatalogError` as the catalog's reader does."""
    catalog = catalog_on(connection, names, location)
    entries = audit_entries(connection, names.audit)
    hosted = has_table(connection, names.hosts)
    return Found(
        catalog=catalog,
        models=_columns(connection, names.models),
        hosts=_columns(connection, names.hosts) if hosted else {},
        host_slugs=_host_slugs(connection, names.hosts) if hosted else frozenset(),
        referrers={each.table: tuple(_referrers(connection, each)) for each in (names.models, names.hosts)},
        audited=entries is not None,
        audit_fault=None if entries is None else chain_fault(entries),
    )


def _host_slugs(connection: Connection, names: HostNames) -> frozenset[str]:
    table = sa.table(bare_name(names), sa.column(names.slug), schema=schema_of(names))
    return frozenset(str(slug) for slug in connection.execute(sa.select(table.c[names.slug])).scalars())


def _columns(connection: Connection, names: TableNames) -> dict[str, Column]:
    inspector = sa.inspect(connection)
    keys = inspector.get_pk_constraint(bare_name(names), schema=schema_of(names))["constrained_columns"]
    return {
        each["name"]: Column(each["name"], each["type"], _required(each, keys))
        for each in inspector.get_columns(bare_name(names), schema=schema_of(names))
    }


def _required(column: Any, keys: list[str]) -> bool:
    filled = column.get("default") is not None or column.get("identity") or column.get("computed")
    alone = keys == [column["name"]] and isinstance(column["type"], sa.Integer)
    return not (column["nullable"] or filled or alone)


def _referrers(connection: Connection, names: TableNames) -> Iterator[Referrer]:
    schemas = dict.fromkeys((None, schema_of(names)))
    for schema in schemas:
        for (_, table), keys in sorted(sa.inspect(connection).get_multi_foreign_keys(schema=schema).items()):
            for key in keys:
                if key["referred_table"] == bare_name(names) and len(key["constrained_columns"]) == 1:
                    where = f"{schema}.{table}" if schema else table
                    yield Referrer(where, key["constrained_columns"][0], key["referred_columns"][0])
