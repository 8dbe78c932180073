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

from pytest_darkhost.catalog.audit import NO_ENTRY, audit_entries, chain_fault
from pytest_darkhost.catalog.names import bare_name, schema_of
from pytest_darkhost.catalog.reader import catalog_on
from pytest_darkhost.catalog.rows import Catalog
from pytest_darkhost.catalog.tables import has_table
from pytest_darkhost.errors import CatalogError, HistoryError
from pytest_darkhost.migrations.containment import essential
from pytest_darkhost.migrations.differences import differences
from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.guard import guarded
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.lighting import Guard, Lighting, Offline, Traffic
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.migrations.scripts import execute_script
from pytest_darkhost.migrations.snapshots.values import Snapshot
from pytest_darkhost.migrations.steps import Direction, first_line
from pytest_darkhost.migrations.traffic import TrafficError, add_traffic

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
    return Lighting(slug, ground.itinerary.targets.get(activates), _catalog(ground), _names_models(ground))


def interrupted(ground: Ground, trip: RoundTrip, back: Snapshot, above: Snapshot) -> Lighting | None:
    """
    Add what an upgrade that fails at its end leaves behind, and what its SQL does without Alembic.

    :param back: the state of the database now, which is left as it is.
    :param above: what the upgrade made of it.
    """
    if trip.lighting is None:
        return None
    with closing(ground.copy()) as copy:
        copy.run(trip.revision, Direction.UP, _fail)
        left = essential(differences(back, copy.snapshot()))
        if left:
            offline = Offline(unprinted="an upgrade that fails leaves something behind")
            return replace(trip.lighting, halfway=left, offline=offline)
        script, offline = _offline(copy, trip.revision, above)
    target = trip.lighting.target
    guard = _guard(ground, trip.revision, target, script) if target else None
    return replace(trip.lighting, halfway=left, offline=offline, guard=guard)


def used(ground: Ground, trip: RoundTrip) -> Lighting | None:
    """Add the audit chain after the round trip, and an undoing after rows were added that refer to the new one."""
    if trip.lighting is None:
        return None
    chain = _chain(ground)
    with closing(ground.copy()) as copy:
        lighting = replace(trip.lighting, chain=chain, traffic=_traffic(copy, trip.revision, trip.lighting.slug))
        return replace(lighting, guard=_guard_again(copy, trip.revision, lighting))


def _guard_again(copy: Ground, revision: Revision, lighting: Lighting) -> Guard | None:
    """Return the guard, with what is refused of a row that was inserted, and that the downgrade left behind."""
    guard, downgrade = lighting.guard, lighting.traffic.downgrade if lighting.traffic else None
    undone = downgrade is not None and not downgrade.raised
    if guard is None or guard.unguarded or guard.there or lighting.target is None or not undone:
        return guard
    more = guarded(copy, revision, lighting.target, "", left=True)
    return replace(more, tried=(*guard.tried, *more.tried))


def _guard(ground: Ground, revision: Revision, target: "Target", script: str) -> Guard:
    with closing(ground.copy()) as copy:
        return guarded(copy, revision, target, script)


def _fail(_: Connection) -> None:
    raise HalfwayError


def _traffic(copy: Ground, revision: Revision, slug: str) -> Traffic:
    try:
        with copy.connected() as connection:
            tables = add_traffic(connection, copy.itinerary.names, slug)
            connection.commit()
    except TrafficError as error:
        return Traffic(problem=str(error))
    before = copy.snapshot()
    downgrade = copy.run(revision, Direction.DOWN)
    changed = essential(differences(before, copy.snapshot()))
    return Traffic("", tables, downgrade, changed, _catalog(copy), _chain(copy))


def _offline(copy: Ground, revision: Revision, above: Snapshot) -> tuple[str, Offline]:
    """Return the SQL of the upgrade, and what it does."""
    try:
        script = copy.printed(revision, tuple(_end_of_chain(copy)))
    except HistoryError as error:
        return "", Offline(unprinted=str(error))
    before = _entries(copy)
    problem = execute_script(copy.engine, script)
    if problem:
        return script, Offline(raised=problem)
    parted = essential(differences(above, copy.snapshot()))
    return script, Offline(entries=_entries(copy) - before, chain=_chain(copy), parted=parted)


def _entries(ground: Ground) -> int:
    """Return how many entries the audit table has; 0 where there is no such table."""
    names = ground.itinerary.names.audit
    with ground.connected() as connection:
        if not has_table(connection, names):
            return 0
        table = sa.table(bare_name(names), schema=schema_of(names))
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _end_of_chain(ground: Ground) -> Iterator[str]:
    """Yield what a written activation wants to know by `-x` where a database computes no hash."""
    names = ground.itinerary.names.audit
    with ground.connected() as connection:
        if connection.dialect.name != "postgresql" and has_table(connection, names):
            table = sa.table(bare_name(names), sa.column(names.seq), sa.column(names.hash), schema=schema_of(names))
            query = sa.select(*table.c).order_by(table.c[names.seq].desc()).limit(1)
            seq, last = connection.execute(query).first() or (0, NO_ENTRY)
            yield f"audit={seq}:{last}"


def _catalog(ground: Ground) -> Catalog | str:
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


def _chain(ground: Ground) -> str | None:
    """Return where the audit chain breaks; `None` where it does not, and where there is no such table."""
    try:
        with ground.connected() as connection:
            return chain_fault(audit_entries(connection, ground.itinerary.names.audit) or ())
    except SQLAlchemyError as error:
        return first_line(getattr(error, "orig", None) or error)
