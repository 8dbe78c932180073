"""
The checks of what an activation writes into the audit table: an unbroken chain, and entries that say what was done.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from pytest_darkhost.migrations.checks.audit_entries import Way
from pytest_darkhost.migrations.checks.comparing import plain
from pytest_darkhost.migrations.checks.standard import WARNING, downgrade_failed, upgrade_failed
from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.lighting import Lighting, Offline
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict


def audit_chain(trip: RoundTrip) -> Verdict:
    """Return whether the hash chain of the audit table holds after up, down and up again."""
    expected = "an unbroken audit chain"
    if trip.lighting is None:
        return upgrade_failed(trip)
    if trip.lighting.noted.problem:
        return NotJudged(ReasonCode.NOT_APPLICABLE, trip.lighting.noted.problem)
    fault = trip.lighting.chain or _not_noted(trip)
    if fault:
        return Failed(expected, fault, (("database", trip.database),))
    if trip.again is None:
        return downgrade_failed(trip)
    if trip.again.raised:
        return NotJudged(ReasonCode.UPGRADE_FAILED, f"the second upgrade did not run: {trip.again.raised}")
    return Passed(expected, "unbroken")


def audit_entry(trip: RoundTrip) -> Verdict:
    """
    Return whether each way's entry names the model and its venue, says what was done, and holds the row's own values.

    Values are judged where the payload is JSON that names columns of the row: under `before`, `old`, … those before
    this way, under `after`, `new`, … those after it, elsewhere either.
    """
    seen = trip.lighting
    if seen is None:
        return upgrade_failed(trip)
    if seen.noted.problem:
        return NotJudged(ReasonCode.NOT_APPLICABLE, seen.noted.problem)
    if not (seen.noted.up or seen.noted.down or noted_in(trip)):
        return NotJudged(ReasonCode.UNDECLARED, f"it adds no entry to {seen.noted.table}, and declares none")
    venue = (trip.declaration.activates if trip.declaration else None) or ""
    expected = f"entries that name {seen.slug} and {venue.partition('/')[0]}, and hold the values of its row"
    values = _values(trip, seen)
    ways = list(_ways(trip, seen, values))
    fault = next((f"{way.words}: {fault}" for way in ways if (fault := way.fault(seen.slug, venue))), None)
    if fault or _alike_both_ways(seen):
        return Failed(expected, fault or "upgrade and downgrade say the same", (("database", trip.database),))
    unread = [way.words for way in ways if not way.holds_values(seen.slug)]
    told = ((WARNING, f"no values of the row in the entry of {' and '.join(unread)}"),) if unread and values else ()
    return Passed(expected, f"{len(ways)} entries", told)


def _ways(trip: RoundTrip, seen: Lighting, values: "tuple[Mapping[str, Any], Mapping[str, Any]]") -> Iterator[Way]:
    before, after = values
    yield Way("the upgrade", seen.noted.up, before, after)
    if trip.downgrade is not None and not trip.downgrade.raised:
        yield Way("the downgrade", seen.noted.down, after, before)
    if seen.offline is not None and seen.offline.gave:
        yield Way("the SQL of the upgrade", seen.offline.entries, before, after)
    if seen.offline_back is not None and seen.offline_back.gave:
        yield Way("the SQL of the downgrade", seen.offline_back.entries, after, before)


def _values(trip: RoundTrip, seen: Lighting) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the row's values before and after the upgrade, as far as they are known. One that is not there is dark."""
    slugs = {plain(table): slug for table, slug, _ in seen.noted.row_tables}
    actives = {plain(table): active for table, _, active in seen.noted.row_tables}
    ours = [
        each
        for each in trip.changed
        if each.kind == "row" and dict(each.row).get(slugs.get(plain(each.name), "")) == seen.slug
    ]
    before = dict(next((each.row for each in ours if each.change == "changed"), ()))
    added = next((each for each in ours if each.change == "added"), None)
    if added:
        return {actives[plain(added.name)]: False}, dict(added.row)
    return before, before | {each.column: each.after for each in ours if each.column}


def _alike_both_ways(seen: Lighting) -> bool:
    said = [{(each.action, each.payload) for each in entries} for entries in (seen.noted.up, seen.noted.down)]
    return bool(said[0]) and said[0] == said[1]


def fault_of_sql(trip: RoundTrip, seen: Offline) -> str | None:
    """Return what is wrong with the SQL of one way, rows aside."""
    if seen.raised:
        return f"the database refused it: {seen.raised}"
    tables = noted_in(trip)
    if tables and not seen.entries:
        return f"it adds no entry to {' and '.join(tables)}, though one is declared"
    return f"it breaks the audit chain: {seen.chain}" if seen.chain else None


def _not_noted(trip: RoundTrip) -> str | None:
    """Return which way adds no entry to the audit table, though the revision declares that it appends there."""
    tables = noted_in(trip)
    up, both = (sum(_is_entry(each, tables) for each in seen) for seen in (trip.changed, trip.left))
    undone = trip.downgrade is not None and not trip.downgrade.raised
    if not tables or (up and (both > up or not undone)):
        return None
    return f"the {'downgrade' if up else 'upgrade'} adds no entry to {' and '.join(tables)}, though one is declared"


def noted_in(trip: RoundTrip) -> set[str]:
    """Return the audit table, if the revision declares that it appends to it."""
    changes = trip.declaration.changes if trip.declaration else None
    declared = {plain(each.table) for each in changes or () if each.append and each.table}
    return declared & set(map(plain, trip.append_only))


def _is_entry(each: Difference, tables: Container[str]) -> bool:
    return each.kind == "row" and each.change == "added" and plain(each.name) in tables
