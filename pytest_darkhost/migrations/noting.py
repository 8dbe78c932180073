"""
What a revision wrote into the audit table of a database, and whether the chain there holds.
"""

from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from pytest_darkhost.catalog.audit import AuditEntry, audit_entries, chain_fault
from pytest_darkhost.catalog.names import AuditNames
from pytest_darkhost.migrations.checks.comparing import plain
from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.entries import entry_count, last_entries, unreadable
from pytest_darkhost.migrations.ground import Ground
from pytest_darkhost.migrations.lighting import Noted
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.migrations.steps import first_line


def noted(ground: Ground, trip: RoundTrip) -> Noted:
    """Return what the upgrade wrote into the audit table."""
    names = ground.itinerary.names
    with ground.connected() as connection:
        problem = unreadable(connection, names.audit)
    rows = tuple((each.table, each.slug, each.active) for each in (names.models, names.hosts))
    up = () if problem else newest(ground, _appended(trip.changed, names.audit))
    return Noted(names.audit.table, problem, up, row_tables=rows)


def noted_of_both(ground: Ground, trip: RoundTrip, seen: Noted) -> Noted:
    """Return it with what the downgrade wrote then."""
    if seen.problem or not trip.downgrade or trip.downgrade.raised:
        return seen
    both = _appended(trip.left, ground.itinerary.names.audit)
    return replace(seen, down=newest(ground, both - len(seen.up)))


def _appended(seen: tuple[Difference, ...], names: AuditNames) -> int:
    return sum(
        each.kind == "row" and each.change == "added" and plain(each.name) == plain(names.table) for each in seen
    )


def newest(ground: Ground, number: int) -> tuple[AuditEntry, ...]:
    """Return so many entries from the end of the audit table; none where it cannot be read."""
    names = ground.itinerary.names.audit
    with ground.connected() as connection:
        return () if unreadable(connection, names) else last_entries(connection, names, number)


def count(ground: Ground) -> int:
    """Return how many entries the audit table has."""
    with ground.connected() as connection:
        return entry_count(connection, ground.itinerary.names.audit)


def chain_of(ground: Ground) -> str | None:
    """Return where the audit chain breaks; `None` where it does not, and where there is no such table to read."""
    names = ground.itinerary.names.audit
    try:
        with ground.connected() as connection:
            return None if unreadable(connection, names) else chain_fault(audit_entries(connection, names) or ())
    except SQLAlchemyError as error:
        return first_line(getattr(error, "orig", None) or error)
