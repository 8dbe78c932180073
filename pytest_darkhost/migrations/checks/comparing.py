"""
Which differences count: not those in volatile columns, rows that came to an append-only table, and values that the
database made up.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.round_trip import RoundTrip

if TYPE_CHECKING:
    from pytest_darkhost.specs.changes import Change


def left_behind(trip: RoundTrip) -> tuple[Difference, ...]:
    """Return what the downgrade did not put back."""
    return tuple(_counting(trip, trip.left))


def lasting(trip: RoundTrip) -> tuple[Difference, ...]:
    """Return in what the second upgrade gave other than the first; rows that both added may differ where generated."""
    return tuple(_not_generated(trip, list(_counting(trip, trip.parted))))


def printed_otherwise(trip: RoundTrip, parted: Iterable[Difference]) -> tuple[Difference, ...]:
    """Return in what the SQL that was printed gives other than the upgrade; entries of a log may differ."""
    grows = append_only(trip)
    kept = [each for each in _counting(trip, parted) if not (each.kind == "row" and plain(each.name) in grows)]
    return tuple(_not_generated(trip, kept))


def append_only(trip: RoundTrip) -> frozenset[str]:
    """Return the tables that may only grow, by their nature or as declared."""
    changes: tuple[Change, ...] = (trip.declaration.changes or ()) if trip.declaration else ()
    return frozenset(map(plain, trip.append_only | {each.table for each in changes if each.append and each.table}))


def plain(name: str) -> str:
    """Return a name without the schema that is meant where none is named."""
    return name.removeprefix("public.").removeprefix("main.")


def _counting(trip: RoundTrip, differences: Iterable[Difference]) -> Iterator[Difference]:
    grows = append_only(trip)
    volatile = frozenset(map(plain, trip.declaration.volatile)) if trip.declaration else frozenset()
    for each in differences:
        if each.kind == "row" and f"{plain(each.name)}.{each.column}" in volatile:
            continue
        if each.kind == "row" and each.change == "added" and plain(each.name) in grows:
            continue
        yield each


def _not_generated(trip: RoundTrip, parted: list[Difference]) -> Iterator[Difference]:
    """Yield what remains once rows that both upgrades added are matched without their generated values."""
    ours = {(each.name, each.key) for each in trip.changed if each.kind == "row" and each.change == "added"}
    gone = Counter(
        _content(each, trip) for each in parted if each.change == "removed" and (each.name, each.key) in ours
    )
    came = Counter(_content(each, trip) for each in parted if each.kind == "row" and each.change == "added")
    both = {"added": gone & came, "removed": gone & came}
    for each in parted:
        if each.column and (each.name, each.key) in ours and f"{each.name}.{each.column}" in trip.generated:
            continue
        matched = both.get(each.change) if each.kind == "row" else None
        if matched and matched[_content(each, trip)] > 0:
            matched[_content(each, trip)] -= 1
            continue
        yield each


def _content(each: Difference, trip: RoundTrip) -> tuple[str, frozenset[tuple[str, str]]]:
    """Return a row's values without those that the database made up."""
    values = ((column, repr(value)) for column, value in each.row if f"{each.name}.{column}" not in _unsaid(trip))
    return each.name, frozenset(values)


def _unsaid(trip: RoundTrip) -> frozenset[str]:
    return trip.generated | (trip.declaration.volatile if trip.declaration else frozenset())
