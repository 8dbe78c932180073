"""
Which differences count: not those in volatile columns, rows that came to an append-only table, and values that the
database made up.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.round_trip import RoundTrip

if TYPE_CHECKING:
    from pytest_darkhost.specs.changes import Change


def left_behind(trip: RoundTrip) -> tuple[Difference, ...]:
    """Return what the downgrade did not put back."""
    return tuple(_counting(trip, trip.left))


def lasting(trip: RoundTrip) -> tuple[Difference, ...]:
    """Return in what the second upgrade gave other than the first; rows and columns may differ where generated."""
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
    """
    Yield what remains once rows are matched without what the database made up: of those that both upgrades added all
    of it, of others what is in columns that both added.
    """
    ours = {(each.name, each.key) for each in trip.changed if each.kind == "row" and each.change == "added"}
    new = trip.generated & {each.name for each in trip.changed if each.kind == "column" and each.change == "added"}
    unsaid = trip.generated | (trip.declaration.volatile if trip.declaration else frozenset())
    rest = [each for each in parted if not _is_made_up(each, trip.generated if (each.name, each.key) in ours else new)]
    rest = list(_unmatched(rest, unsaid, ours))
    return _unmatched(rest, new, None) if new else iter(rest)


def _is_made_up(each: Difference, columns: Collection[str]) -> bool:
    return each.column is not None and f"{each.name}.{each.column}" in columns


def _unmatched(
    parted: list[Difference], without: Collection[str], ours: Collection[tuple[str, str | None]] | None
) -> Iterator[Difference]:
    """
    Yield what no other difference makes up for: a row that went, by one that came with the same values in all columns
    but these. Of rows that went only `ours` count, unless that is `None`.
    """
    gone = Counter(
        _content(each, without)
        for each in parted
        if each.change == "removed" and (ours is None or (each.name, each.key) in ours)
    )
    came = Counter(_content(each, without) for each in parted if each.kind == "row" and each.change == "added")
    both = {"added": gone & came, "removed": gone & came}
    for each in parted:
        matched = both.get(each.change) if each.kind == "row" else None
        if matched and matched[_content(each, without)] > 0:
            matched[_content(each, without)] -= 1
            continue
        yield each


def _content(each: Difference, without: Collection[str]) -> tuple[str, frozenset[tuple[str, str]]]:
    """Return a row's values in all columns but these."""
    values = ((column, repr(value)) for column, value in each.row if f"{each.name}.{column}" not in without)
    return each.name, frozenset(values)
