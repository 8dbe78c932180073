"""
Whether an activation refuses a row that is not as it was when the activation was written. Tried on a copy.

One value of the row is changed at a time: an upgrade that goes through then lights what nobody has proved, or
overwrites what its downgrade cannot give back.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from pytest_darkhost.catalog.names import (
    CatalogNames,
    HostNames,
    ModelNames,
    ProviderNames,
    TableNames,
    bare_name,
    schema_of,
)
from pytest_darkhost.catalog.tables import has_table
from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.lighting import Guard
from pytest_darkhost.migrations.scripts import execute_script
from pytest_darkhost.migrations.steps import Direction

if TYPE_CHECKING:
    from pytest_darkhost.specs.models import Target

_GONE = "-gone"
_OTHERS: dict[str, Any] = {
    "upstream_model": lambda value: f"{value}-other",
    "brand": lambda value: f"{value}-other",
    "price_in_per_mtok_usd": lambda value: 7 if value is None else value + 1,
    "price_out_per_mtok_usd": lambda value: 7 if value is None else value + 1,
    "q_prior": lambda value: 0.125 if value is None else value / 2 + 0.0625,
    "m_allowed": lambda value: not value,
    "active": lambda value: not value,
}


@dataclass(frozen=True, slots=True)
class _Fault:
    """One change of the database, and the way back."""

    words: str
    there: sa.Update
    back: sa.Update


def guarded(copy: Ground, revision: Revision, target: "Target", script: str, *, left: bool = False) -> Guard:
    """
    Return which changes were refused. The copy is spoiled afterwards.

    :param script: the SQL of the upgrade, which is tried with the first change; empty where there is none.
    :param left: whether the row was left behind by a downgrade, so that the upgrade may insert it where it is gone.
    """
    tried: list[str] = []
    there = _row(copy, target) is not None
    faults = tuple(_faults(copy, target))[1 if left else 0 :]
    for fault in faults:
        if not _planted(copy, fault.there):
            continue
        tried.append(fault.words)
        if not copy.run(revision, Direction.UP).raised:
            return Guard(tuple(tried), there, fault.words, dark=not _is_lit(copy, target))
        _planted(copy, fault.back)
    if script and faults and _planted(copy, faults[0].there):
        tried.append(f"as SQL, {faults[0].words}")
        if not execute_script(copy.engine, script):
            return Guard(tuple(tried), there, tried[-1])
    return Guard(tuple(tried), there)


def _planted(copy: Ground, change: sa.Update) -> bool:
    """Return whether a change could be made: constraints may forbid it."""
    with suppress(SQLAlchemyError), copy.connected() as connection:
        connection.execute(change)
        connection.commit()
        return True
    return False


def _faults(copy: Ground, target: "Target") -> Iterator[_Fault]:
    names = copy.itinerary.names
    row = _row(copy, target)
    with copy.connected() as connection:
        other = _another_slug(connection, names)
    if row is not None:
        yield from row.faults()
    elif other is not None:
        yield _renamed(names.models, other, target.model.slug, f"the slug taken by what was {other!r}")
    venue = target.venue.venue
    yield _renamed(names.providers, venue, f"{venue}{_GONE}", f"no provider {venue!r}")


def _is_lit(copy: Ground, target: "Target") -> bool:
    row = _row(copy, target)
    return row is not None and bool(row.values.get("active"))


def _row(copy: Ground, target: "Target") -> "_Row | None":
    with copy.connected() as connection:
        tables = _tables(copy, copy.itinerary.names)
        names = copy.itinerary.names
        return next((found for each in tables if (found := _Row.of(connection, each, names, target))), None)


def _tables(copy: Ground, names: CatalogNames) -> tuple[ModelNames | HostNames, ...]:
    with copy.connected() as connection:
        hosted = has_table(connection, names.hosts)
    return (names.models, names.hosts) if hosted else (names.models,)


@dataclass(frozen=True, slots=True)
class _Row:
    """The row before the upgrade."""

    names: ModelNames | HostNames
    slug: str
    values: dict[str, Any]
    """By the catalog's names; columns that are not there are left out."""
    references: tuple[tuple[str, Any, Any], ...]
    """Columns that refer to its provider and its model, each with the id there and that of another row."""

    @classmethod
    def of(
        cls, connection: sa.Connection, names: ModelNames | HostNames, catalog: CatalogNames, target: "Target"
    ) -> "_Row | None":
        """Return the row of a target in one table, `None` where there is none."""
        there = {each["name"] for each in sa.inspect(connection).get_columns(bare_name(names), schema_of(names))}
        columns = {key: getattr(names, key) for key in _OTHERS if getattr(names, key, None) in there}
        table = _table(names, names.slug, *columns.values())
        query = sa.select(*(table.c[name] for name in columns.values()))
        found = connection.execute(query.where(table.c[names.slug] == target.model.slug)).first()
        if found is None:
            return None
        values = dict(zip(columns, found, strict=True))
        return cls(names, target.model.slug, values, tuple(_references(connection, names, catalog, target.model.slug)))

    def faults(self) -> Iterator[_Fault]:
        """Yield the row gone, then each value changed."""
        yield _renamed(self.names, self.slug, f"{self.slug}{_GONE}", f"no row {self.slug!r}")
        for reference in self.references:
            yield self._changed(*reference)
        for key, value in self.values.items():
            yield self._changed(getattr(self.names, key), value, _OTHERS[key](value))

    def _changed(self, column: str, value: object, other: object) -> _Fault:
        table = _table(self.names, self.names.slug, column)
        update = sa.update(table).where(table.c[self.names.slug] == self.slug)
        return _Fault(f"{column} {other} for {value}", update.values({column: other}), update.values({column: value}))


def _references(
    connection: sa.Connection, names: ModelNames | HostNames, catalog: CatalogNames, slug: str
) -> Iterator[tuple[str, Any, Any]]:
    """Yield the columns of a row that refer to others by their ids, where there is another one to refer to."""
    pairs: list[tuple[str, ProviderNames | ModelNames]] = []
    if not (isinstance(names, ModelNames) and names.provider_slug):
        pairs.append((names.provider_id, catalog.providers))
    if isinstance(names, HostNames):
        pairs.append((names.model_id, catalog.models))
    for column, there in pairs:
        table, ids = _table(names, names.slug, column), _table(there, there.id).c[there.id]
        own = connection.execute(sa.select(table.c[column]).where(table.c[names.slug] == slug)).scalar()
        other = connection.execute(sa.select(ids).where(ids != own).limit(1)).scalar()
        if other is not None:
            yield column, own, other


def _renamed(names: TableNames, old: str, new: str, words: str) -> _Fault:
    slug = str(getattr(names, "slug", ""))
    table = _table(names, slug)
    there = sa.update(table).where(table.c[slug] == old).values({slug: new})
    return _Fault(words, there, sa.update(table).where(table.c[slug] == new).values({slug: old}))


def _another_slug(connection: sa.Connection, names: CatalogNames) -> str | None:
    table = _table(names.models, names.models.slug)
    found = connection.execute(sa.select(table.c[names.models.slug]).order_by(names.models.slug).limit(1)).scalar()
    return None if found is None else str(found)


def _table(names: TableNames, *columns: str) -> sa.TableClause:
    return sa.table(bare_name(names), *map(sa.column, columns), schema=schema_of(names))
