"""
Which locks an upgrade takes on what others use. What blocks readers and writers is no part of lighting a model.

What each mode blocks: PostgreSQL documentation, 13.3. Which changes take which: the same, ALTER TABLE.
"""

from pytest_darkhost.migrations.checks.standard import WARNING, upgrade_failed
from pytest_darkhost.migrations.lock_record import Lock
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.verdicts import JSON, Failed, NotJudged, Passed, ReasonCode, Verdict

_STRONGEST = "ACCESS EXCLUSIVE"
_TABLES = frozenset({"table", "foreign table", "materialized view"})
VERSION_TABLE = "alembic_version"


def locks(trip: RoundTrip) -> Verdict:
    """Return whether an activation locks no table against readers; of other revisions, what they lock is only told."""
    if trip.database != "postgresql":
        reason = f"which locks a revision takes is seen on PostgreSQL only, not on {trip.database}"
        return NotJudged(ReasonCode.NOT_APPLICABLE, reason)
    if trip.upgrade.raised:
        return upgrade_failed(trip)
    expected = "no ACCESS EXCLUSIVE lock on a table that was there before"
    blocking = [each for each in trip.locks if each.blocks and each.relation != VERSION_TABLE]
    strongest = [each for each in blocking if each.mode == _STRONGEST and each.kind in _TABLES]
    figures: dict[str, JSON] = {"locks": [_record(each) for each in trip.locks if each.relation != VERSION_TABLE]}
    if strongest and trip.is_activation:
        first, *rest = map(shown, strongest)
        return Failed(expected, first, tuple(("and", each) for each in rest), figures)
    told = tuple((WARNING if trip.is_activation else "lock", shown(each)) for each in blocking)
    return Passed(expected, f"{len(trip.locks)} locks, {len(blocking)} that block others", told, figures)


def shown(lock: Lock) -> str:
    """Return a lock in words: `ACCESS EXCLUSIVE lock on table models for 3 ms blocks reads and writes`."""
    return f"{lock.mode} lock on {lock.kind} {lock.relation} for {lock.held_ms:.0f} ms blocks {lock.blocks or 'nobody'}"


def _record(lock: Lock) -> dict[str, JSON]:
    return {
        "mode": lock.mode,
        "kind": lock.kind,
        "relation": lock.relation,
        "held_ms": round(lock.held_ms, 3),
        "blocks": lock.blocks,
    }
