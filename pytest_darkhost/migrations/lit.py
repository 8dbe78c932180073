"""
What is looked at on the way of an activation's round trip. Each function does nothing for other revisions.

What spoils a database is done in a copy of it.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from pytest_darkhost.catalog.audit import NO_ENTRY, AuditEntry, audit_entries, chain_fault
from pytest_darkhost.catalog.names import AuditNames, bare_name, schema_of
from pytest_darkhost.catalog.reader import catalog_on
from pytest_darkhost.catalog.rows import Catalog
from pytest_darkhost.catalog.tables import has_table
from pytest_darkhost.errors import CatalogError
from pytest_darkhost.migrations.checks.comparing import plain
from pytest_darkhost.migrations.containment import essential
from pytest_darkhost.migrations.differences import Difference, differences
from pytest_darkhost.migrations.entries import entry_count, last_entries, unreadable
from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.guard import guarded
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.lighting import Guard, Lighting, Noted, Offline
from pytest_darkhost.migrations.printing import refused_as_sql
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.migrations.scripts import execute_script
from pytest_darkhost.migrations.snapshots.values import Snapshot
from pytest_darkhost.migrations.steps import Direction, Raised, first_line

if TYPE_CHECKING:
    from pytest_darkhost.specs.models import Target


class HalfwayError(Exception):
    """Ends an upgrade at its end, on purpose."""


def lit(ground: Ground, trip: RoundTrip) -> Lighting | None:
    """Return the catalog after the upgrade of an activation."""
    activates = trip.declaration.activates if trip.declaration else None
    if activates is None:
        return None
    slug = activates.partition("/")[2]
    target, noted = ground.itinerary.targets.get(activates), _noted(ground, trip)
    return Lighting(slug, target, catalog_of(ground), _names_models(ground), noted)


def interrupted(ground: Ground, trip: RoundTrip, back: Snapshot, above: Snapshot) -> Lighting | None:
    """
    Add what an upgrade that fails at its end leaves behind, and what its SQL does without Alembic.

    :param back: the state of the database now, which is left as it is.
    :param above: what the upgrade made of it.
    """
    if trip.lighting is None:
        return None
    noted = _noted_of_both(ground, trip, trip.lighting.noted)
    return _interrupted(ground, trip, replace(trip.lighting, noted=noted), back, above)


def _interrupted(ground: Ground, trip: RoundTrip, lighting: Lighting, back: Snapshot, above: Snapshot) -> Lighting:
    with closing(ground.copy()) as copy:
        copy.run(trip.revision, Direction.UP, _fail)
        left = essential(differences(back, copy.snapshot()))
        if left:
            offline = Offline(unprinted="an upgrade that fails leaves something behind")
            return replace(lighting, halfway=left, offline=offline)
        script, offline = _offline(copy, trip.revision, above)
    claimed = trip.declaration is not None and trip.declaration.guarded
    guard = _guard(ground, trip.revision, lighting.target, script, claimed=claimed) if lighting.target else None
    return replace(lighting, halfway=left, offline=offline, guard=guard)


def _guard(ground: Ground, revision: Revision, target: "Target", script: str, *, claimed: bool) -> Guard:
    with closing(ground.copy()) as copy:
        end = tuple(_end_of_chain(copy))
        guard = guarded(copy, revision, target, script)
        if not (claimed and script) or guard.unguarded:
            return guard
        more = refused_as_sql(copy, revision, script, end)
        return replace(guard, tried=(*guard.tried, *more.tried), unguarded=more.unguarded)


def _fail(_: Connection) -> None:
    raise HalfwayError


def _offline(copy: Ground, revision: Revision, above: Snapshot) -> tuple[str, Offline]:
    """Return the SQL of the upgrade, and what it does."""
    script = copy.printed(revision, tuple(_end_of_chain(copy)))
    if isinstance(script, Raised):
        return "", Offline(unprinted=str(script))
    before = _count(copy)
    problem = execute_script(copy.engine, script)
    if problem:
        return script, Offline(raised=problem)
    parted = essential(differences(above, copy.snapshot()))
    return script, Offline(entries=_last(copy, _count(copy) - before), chain=chain_of(copy), parted=parted)


def _noted(ground: Ground, trip: RoundTrip) -> Noted:
    """Return what the upgrade wrote into the audit table."""
    names = ground.itinerary.names
    with ground.connected() as connection:
        problem = unreadable(connection, names.audit)
    rows = tuple((each.table, each.slug, each.active) for each in (names.models, names.hosts))
    up = () if problem else _last(ground, _appended(trip.changed, names.audit))
    return Noted(names.audit.table, problem, up, row_tables=rows)


def _noted_of_both(ground: Ground, trip: RoundTrip, noted: Noted) -> Noted:
    """Return it with what the downgrade wrote then."""
    if noted.problem or not trip.downgrade or trip.downgrade.raised:
        return noted
    both = _appended(trip.left, ground.itinerary.names.audit)
    return replace(noted, down=_last(ground, both - len(noted.up)))


def _appended(seen: tuple[Difference, ...], names: AuditNames) -> int:
    return sum(
        each.kind == "row" and each.change == "added" and plain(each.name) == plain(names.table) for each in seen
    )


def _last(ground: Ground, count: int) -> tuple[AuditEntry, ...]:
    names = ground.itinerary.names.audit
    with ground.connected() as connection:
        return () if unreadable(connection, names) else last_entries(connection, names, count)


def _count(ground: Ground) -> int:
    with ground.connected() as connection:
        return entry_count(connection, ground.itinerary.names.audit)


def _end_of_chain(ground: Ground) -> Iterator[str]:
    """Yield what a written activation wants to know by `-x` where a database computes no hash."""
    names = ground.itinerary.names.audit
    with ground.connected() as connection:
        if connection.dialect.name != "postgresql" and has_table(connection, names):
            table = sa.table(bare_name(names), sa.column(names.seq), sa.column(names.hash), schema=schema_of(names))
            query = sa.select(*table.c).order_by(table.c[names.seq].desc()).limit(1)
            seq, last = connection.execute(query).first() or (0, NO_ENTRY)
            yield f"audit={seq}:{last}"


def catalog_of(ground: Ground) -> Catalog | str:
    """Return the catalog as it is now, or why it cannot be read."""
    try:
        with ground.connected() as connection:
            return catalog_on(connection, ground.itinerary.names, "round trip")
    except CatalogError as error:
        return str(error)
    except SQLAlchemyError as error:
        return first_line(error)


def _names_models(ground: Ground) -> bool:
    names = ground.itinerary.names
    with ground.connected() as connection:
        if not has_table(connection, names.models):
            return False
        columns = sa.inspect(connection).get_columns(bare_name(names.models), schema=schema_of(names.models))
        return names.models.logical_slug in {column["name"] for column in columns}


def chain_of(ground: Ground) -> str | None:
    """Return where the audit chain breaks; `None` where it does not, and where there is no such table to read."""
    names = ground.itinerary.names.audit
    try:
        with ground.connected() as connection:
            return None if unreadable(connection, names) else chain_fault(audit_entries(connection, names) or ())
    except SQLAlchemyError as error:
        return first_line(getattr(error, "orig", None) or error)
