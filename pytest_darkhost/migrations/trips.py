"""
One round trip, made: up, down, up again, with a snapshot after each, and what else is looked at on the way.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_darkhost.migrations.checks.comparing import lasting
from pytest_darkhost.migrations.containment import essential
from pytest_darkhost.migrations.differences import Difference, differences
from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.migrations.snapshots.values import Snapshot
from pytest_darkhost.migrations.steps import Direction

if TYPE_CHECKING:
    from pytest_darkhost.migrations.lighting import Lighting


def make_round_trip(
    ground: Ground, revision: Revision, database: str, below: Snapshot
) -> tuple[RoundTrip, Snapshot | None]:
    """
    Return what was seen, and the state in which the database is left, upgraded.

    The state is `None` where it is not what the first upgrade made: nothing may build on it.
    """
    itinerary = ground.itinerary
    upgrade, record = ground.run_watched(revision)
    trip = RoundTrip(
        revision=revision,
        database=database,
        declaration=itinerary.declaration(revision),
        append_only=itinerary.append_only,
        strict_rows=itinerary.strict_rows,
        upgrade=upgrade,
        locks=record.locks() if record else (),
        holders=record.holders if record else (),
    )
    if trip.upgrade.raised:
        return trip, None
    above = ground.snapshot()
    trip = replace(trip, changed=essential(differences(below, above)))
    trip = replace(
        trip, lighting=_lit(ground, trip), downgrade=ground.run(revision, Direction.DOWN, then_snapshot=True)
    )
    if trip.downgrade and trip.downgrade.raised:
        unchanged = not essential(differences(above, ground.snapshot()))
        return trip, above if unchanged else None
    back = ground.snapshot()
    trip = replace(trip, left=essential(differences(below, back)))
    trip = replace(
        trip,
        lighting=_interrupted(ground, trip, back, above),
        again=ground.run(revision, Direction.UP, then_snapshot=True),
    )
    if trip.again and trip.again.raised:
        return trip, None
    after = ground.snapshot()
    parted = essential(differences(above, after))
    trip = replace(trip, parted=parted, generated=_generated(ground, trip, parted), lighting=_used(ground, trip))
    return trip, None if lasting(trip) else after


def _lit(ground: Ground, trip: RoundTrip) -> "Lighting | None":
    """Return what `lit` sees. What only activations need is imported for them."""
    if not trip.is_activation:
        return None
    from pytest_darkhost.migrations.lit import lit

    return lit(ground, trip)


def _interrupted(ground: Ground, trip: RoundTrip, back: Snapshot, above: Snapshot) -> "Lighting | None":
    if trip.lighting is None:
        return None
    from pytest_darkhost.migrations.lit import interrupted

    return interrupted(ground, trip, back, above)


def _used(ground: Ground, trip: RoundTrip) -> "Lighting | None":
    if trip.lighting is None:
        return None
    from pytest_darkhost.migrations.used import used

    return used(ground, trip)


def _generated(ground: Ground, trip: RoundTrip, parted: tuple[Difference, ...]) -> frozenset[str]:
    """Return what the database fills in the tables whose rows came out otherwise the second time."""
    offline = trip.lighting.offline if trip.lighting else None
    tables = {each.name for each in (*parted, *(offline.parted if offline else ())) if each.kind == "row"}
    if not tables:
        return frozenset()
    from pytest_darkhost.migrations.generated import generated_columns

    with ground.connected() as connection:
        return generated_columns(connection, tables)
