"""
Rows of one table by the names that the catalog uses, whatever the database calls them.

Columns are learnt from a query that returns no row, not from their types: a type that SQLAlchemy does not know, such as
that of an extension, does no harm there, and views serve as well as tables.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from difflib import get_close_matches
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy import Connection

from pytest_darkhost.catalog.names import INI, CatalogNames, TableNames, bare_name, schema_of
from pytest_darkhost.errors import CatalogError

Row: TypeAlias = Mapping[str, Any]
_MOST_SHOWN = 12
_OPTIONAL = frozenset({"name", "brand", "q_prior", "m_allowed", "logical_slug"})


def rows(connection: Connection, names: TableNames, unused: frozenset[str]) -> Sequence[Row]:
    """
    Return all rows as mappings of the catalog's names to the driver's values, without those in `unused`.

    An optional column that the table has not is left out, unless ini names it. Raises `CatalogError` for a table or
    column that is not there.
    """
    _require_table(connection, names)
    columns = {key: value for key, value in asdict(names).items() if key not in unused | {"table"}}
    table = sa.table(bare_name(names), *map(sa.column, columns.values()), schema=schema_of(names))
    there = _columns_there(connection, names)
    for key, column in list(columns.items()):
        if column not in there:
            _require_optional(names, key, column, there)
            del columns[key]
    query: sa.Select[Any] = sa.select(*(table.c[column].label(key) for key, column in columns.items()))
    return [dict(zip(columns, row, strict=True)) for row in connection.execute(query)]


def has_table(connection: Connection, names: TableNames) -> bool:
    """Return whether there is such a table or view."""
    return sa.inspect(connection).has_table(bare_name(names), schema=schema_of(names))


def has_column(connection: Connection, names: TableNames, column: str) -> bool:
    """Return whether a table that is there has a column of this name."""
    return column in _columns_there(connection, names)


def _noun(names: TableNames) -> str:
    """Return what ini calls the table."""
    return next(each.name for each in fields(CatalogNames) if type(getattr(CatalogNames(), each.name)) is type(names))


def _columns_there(connection: Connection, names: TableNames) -> tuple[str, ...]:
    table = sa.table(bare_name(names), schema=schema_of(names))
    query: sa.Select[Any] = sa.select(sa.literal_column("*")).select_from(table).where(sa.false())
    return tuple(connection.execute(query).keys())


def _require_table(connection: Connection, names: TableNames) -> None:
    if has_table(connection, names):
        return
    inspector = sa.inspect(connection)
    there = [*inspector.get_table_names(schema_of(names)), *inspector.get_view_names(schema_of(names))]
    msg = (
        f"there is no table {names.table!r} ({_listed('tables', bare_name(names), there)}), expected the catalog's "
        f"{_noun(names)}. If it has another name, say so in ini {INI}: '{_noun(names)} = <table>'"
    )
    raise CatalogError(msg)


def _require_optional(names: TableNames, key: str, column: str, there: Sequence[str]) -> None:
    """Raise unless the missing column is an optional one that ini does not name."""
    if key in _OPTIONAL and column == getattr(type(names)(), key):
        return
    msg = (
        f"table {names.table!r} has no column {column!r} ({_listed('columns', column, there)}), expected the "
        f"catalog's {key}. If it has another name, say so in ini {INI}: '{_noun(names)}.{key} = <column>'"
    )
    raise CatalogError(msg)


def _listed(noun: str, missing: str, there: Sequence[str]) -> str:
    """Return the names that are there, the near ones first."""
    near = get_close_matches(missing, there, n=_MOST_SHOWN, cutoff=0.6)
    ordered = [*near, *sorted(set(there) - set(near))]
    more = f" and {len(ordered) - _MOST_SHOWN} more" if len(ordered) > _MOST_SHOWN else ""
    return f"{noun} there: {', '.join(ordered[:_MOST_SHOWN]) or 'none'}{more}"
