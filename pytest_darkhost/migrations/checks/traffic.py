"""
The checks of an activation under traffic: going dark touches nothing that refers to the row, and the row can be lit
again on top of what was kept.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from pytest_darkhost.catalog.rows import Catalog
from pytest_darkhost.migrations.checks.activation import judge_row
from pytest_darkhost.migrations.checks.comparing import plain
from pytest_darkhost.migrations.checks.standard import downgrade_failed, upgrade_failed
from pytest_darkhost.migrations.checks.wording import differing, raising
from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.lighting import Lighting, Undoing
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict

_Judge: TypeAlias = Callable[[Undoing, Lighting, RoundTrip], Failed | None]


def downgrade_with_traffic(trip: RoundTrip) -> Verdict:
    """Return whether the downgrade leaves what refers to the row alone, and the row itself there, dark."""
    expected = "the rows that were added untouched, and what they refer to still there, dark"
    return _first_fault(trip, _undone_wrongly) or Passed(expected, "the same", tuple(_tried(trip)))


def upgrade_after_traffic(trip: RoundTrip) -> Verdict:
    """Return whether the upgrade on top of what traffic kept lights the row as its spec says, and no other."""
    seen = trip.lighting
    found = _first_fault(trip, _lit_wrongly)
    if found or seen is None or seen.traffic is None:
        return found or upgrade_failed(trip)
    tried = [each for each in seen.traffic.undoings if each.again]
    if not tried:
        return NotJudged(ReasonCode.DOWNGRADE_FAILED, "no downgrade after traffic left a database to upgrade")
    return Passed(_lit_alone(seen.slug), "the same")


def _first_fault(trip: RoundTrip, judge: _Judge) -> Verdict | None:
    """Return the first fault of any undoing, or why there is none to judge."""
    if trip.lighting is None:
        return upgrade_failed(trip)
    traffic = trip.lighting.traffic
    if traffic is None:
        return downgrade_failed(trip)
    if traffic.problem:
        return NotJudged(ReasonCode.NO_TRAFFIC, traffic.problem)
    return next((fault for each in traffic.undoings if (fault := judge(each, trip.lighting, trip))), None)


def _tried(trip: RoundTrip) -> Iterator[tuple[str, str]]:
    traffic = trip.lighting.traffic if trip.lighting else None
    for each in traffic.undoings if traffic else ():
        yield "after rows", f"in {_named(each)} {'that refer to it' if each.refers else 'about others'}"


def _named(undoing: Undoing) -> str:
    return " and ".join(undoing.tables)


def _undone_wrongly(undoing: Undoing, seen: Lighting, trip: RoundTrip) -> Failed | None:
    state = "still there, dark" if undoing.refers else "gone: they refer to others"
    expected = f"{_named(undoing)} untouched, and the row {state}"
    if undoing.downgrade.raised:
        return raising(expected, undoing.downgrade, trip)
    touched = _touched(undoing.changed, undoing)
    if touched:
        return differing(expected, touched, trip)
    fault = _broken(undoing.chain) or _row_fault(undoing, seen)
    return Failed(expected, fault) if fault else None


def _broken(chain: str | None) -> str:
    return f"the audit chain is broken: {chain}" if chain else ""


def _row_fault(undoing: Undoing, seen: Lighting) -> str:
    """Return what is wrong with the row after the downgrade."""
    if isinstance(undoing.catalog, str):
        return undoing.catalog
    rows = [row for row in undoing.catalog.models if row.slug == seen.slug]
    if any(row.active for row in rows):
        return f"row {seen.slug!r} is still active"
    if undoing.refers and not rows:
        return f"row {seen.slug!r} was deleted, though {_named(undoing)} refer to it"
    if rows and not undoing.refers:
        return f"row {seen.slug!r} was left there, though {_named(undoing)} only refer to others"
    return ""


def _touched(changed: tuple[Difference, ...], undoing: Undoing) -> list[Difference]:
    """Return what happened to rows that were there in the tables to which traffic was added."""
    names = set(map(plain, undoing.tables))
    return [
        each
        for each in changed
        if each.kind == "row" and each.change != "added" and each.name.rpartition(".")[2] in names
    ]


def _lit_alone(slug: str) -> str:
    return f"row {slug!r} lit on top of what was kept, as its spec says, and no other"


def _lit_wrongly(undoing: Undoing, seen: Lighting, trip: RoundTrip) -> Failed | None:
    if undoing.again is None:
        return None
    expected = _lit_alone(seen.slug)
    if undoing.again.raised:
        return raising(expected, undoing.again, trip)
    touched = _touched(undoing.again_changed, undoing)
    if touched:
        return differing(expected, touched, trip)
    return _misjudged(undoing, seen, expected)


def _misjudged(undoing: Undoing, seen: Lighting, expected: str) -> Failed | None:
    """Return what is wrong with the row, or with others, after the second upgrade."""
    if seen.target is not None:
        found = judge_row(undoing.again_catalog, seen.slug, seen.target, names_models=seen.names_models)
        if isinstance(found, Failed):
            return Failed(expected, found.actual)
    lit = _active(undoing.again_catalog) - {seen.slug}
    others = sorted(lit ^ (_active(undoing.catalog) - {seen.slug}))
    return Failed(expected, f"other rows were lit or darkened: {', '.join(others)}") if others else None


def _active(catalog: Catalog | str) -> set[str]:
    return set() if isinstance(catalog, str) else {row.slug for row in catalog.models if row.active}
