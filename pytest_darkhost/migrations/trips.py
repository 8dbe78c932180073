"""
One round trip, made: up, down, up again, with a snapshot after each, and what else is looked at on the way.

It asks for one step after the other, and leaves it to others how they are run.
"""

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from pytest_darkhost.migrations.checks.comparing import lasting
from pytest_darkhost.migrations.containment import essential
from pytest_darkhost.migrations.differences import Difference, differences
from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.migrations.snapshots.values import Snapshot
from pytest_darkhost.migrations.steps import Direction, Step

if TYPE_CHECKING:
    from pytest_darkhost.migrations.lighting import Lighting
    from pytest_darkhost.migrations.lock_record import LockRecord

Came: TypeAlias = "tuple[Step, LockRecord | None]"
"""A step that was run, with the locks of the first one where the server can tell."""
Made: TypeAlias = tuple[RoundTrip, Snapshot | None]
"""What was seen, and the state in which the database is left, upgraded. No state: nothing may build on what is left."""
Trip: TypeAlias = Generator[Direction, Came, Made]
"""Yields the next step that it needs, takes what came of it. The database is looked at meanwhile."""


def round_trip(ground: Ground, revision: Revision, database: str, below: Snapshot) -> Trip:
    """Yield the steps that a round trip needs, one after the other."""
    itinerary = ground.itinerary
    upgrade, record = yield Direction.UP
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
    trip = replace(trip, lighting=_lit(ground, trip))
    downgrade, _ = yield Direction.DOWN
    trip = replace(trip, downgrade=downgrade)
    if downgrade.raised:
        unchanged = not essential(differences(above, ground.snapshot()))
        return trip, above if unchanged else None
    back = ground.snapshot()
    trip = replace(trip, left=essential(differences(below, back)))
    trip = replace(trip, lighting=_interrupted(ground, trip, back, above))
    again, _ = yield Direction.UP
    trip = replace(trip, again=again)
    if again.raised:
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
