"""
What is looked at on the way of an activation's round trip. Each function does nothing for other revisions.

What spoils a database is done in a copy of it.
"""

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from pytest_darkhost.catalog.names import bare_name, schema_of
from pytest_darkhost.catalog.reader import catalog_on
from pytest_darkhost.catalog.rows import Catalog
from pytest_darkhost.catalog.tables import has_table
from pytest_darkhost.errors import CatalogError, DatabaseError
from pytest_darkhost.migrations.containment import essential
from pytest_darkhost.migrations.differences import differences
from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.guard import guarded
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.lighting import Guard, Lighting, Offline
from pytest_darkhost.migrations.noting import noted, noted_of_both
from pytest_darkhost.migrations.printing import as_sql, end_of_chain, refused_as_sql
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.migrations.snapshots.values import Snapshot
from pytest_darkhost.migrations.steps import Direction, first_line

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
    target = ground.itinerary.targets.get(activates)
    return Lighting(slug, target, catalog_of(ground), _names_models(ground), noted(ground, trip))


def interrupted(ground: Ground, trip: RoundTrip, back: Snapshot, above: Snapshot) -> Lighting | None:
    """
    Add what an upgrade that fails at its end leaves behind, and what its SQL does without Alembic.

    :param back: the state of the database now, which is left as it is.
    :param above: what the upgrade made of it.
    """
    if trip.lighting is None:
        return None
    lighting = replace(trip.lighting, noted=noted_of_both(ground, trip, trip.lighting.noted))
    try:
        return _interrupted(ground, trip, lighting, back, above)
    except DatabaseError as error:
        return replace(lighting, uncopied=str(error))


def _interrupted(ground: Ground, trip: RoundTrip, lighting: Lighting, back: Snapshot, above: Snapshot) -> Lighting:
    offline_back = None
    with closing(ground.copy()) as copy:
        copy.run(trip.revision, Direction.UP, _fail)
        left = essential(differences(back, copy.snapshot()))
        if left:
            offline = Offline(unprinted="an upgrade that fails leaves something behind")
            return replace(lighting, halfway=left, offline=offline)
        script, offline = as_sql(copy, trip.revision, Direction.UP, above)
        if offline.gave:
            _, offline_back = as_sql(copy, trip.revision, Direction.DOWN, back)
    claimed = trip.declaration is not None and trip.declaration.guarded
    guard = _guard(ground, trip.revision, lighting.target, script, claimed=claimed) if lighting.target else None
    return replace(lighting, halfway=left, offline=offline, offline_back=offline_back, guard=guard)


def _guard(ground: Ground, revision: Revision, target: "Target", script: str, *, claimed: bool) -> Guard:
    with closing(ground.copy()) as copy:
        end = tuple(end_of_chain(copy))
        guard = guarded(copy, revision, target, script)
        if not (claimed and script) or guard.unguarded:
            return guard
        more = refused_as_sql(copy, revision, script, end)
        return replace(guard, tried=(*guard.tried, *more.tried), unguarded=more.unguarded)


def _fail(_: Connection) -> None:
    raise HalfwayError


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
