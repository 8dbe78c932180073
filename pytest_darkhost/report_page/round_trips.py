"""
Round trips of revisions: what was judged, and the rows as they were before, after the upgrade and after the downgrade.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_darkhost.report_page.matrix import Cell, Detail
from pytest_darkhost.report_page.texts import mapping, name, number, objects, shown

_STATES = ("before", "upgraded", "downgraded")
_KEPT = "as after the upgrade"
_MOST_TRIPS = 60
_NO_ROW, _NULL, _NOT_RUN = "no row", "NULL", "not run"
_WHOLE = "(the row)"
"""In place of a column: no name of one has brackets and a blank in it."""


@dataclass(frozen=True, slots=True)
class Value:
    """What a column held at one moment."""

    text: str
    is_new: bool
    """Whether it was another one before the upgrade."""
    is_word: bool
    """Whether the text is ours, such as `NULL`, and no value."""


@dataclass(frozen=True, slots=True)
class Column:
    """One value of one row over a round trip: before, after the upgrade, after the downgrade."""

    table: str
    key: str
    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Trip:
    """One revision on one database."""

    title: str
    database: str
    target: str
    """What it lights; empty for other revisions."""
    verdicts: tuple[tuple[str, Cell], ...]
    columns: tuple[Column, ...]
    left_out: int
    """Rows that the report does not hold."""


def trips_of(details: Iterable[Detail]) -> tuple[Trip, ...]:
    """Return the round trips of a run, in the order of its report."""
    found: dict[tuple[str, str, str], list[Detail]] = {}
    for each in details:
        data = each.row.data
        if each.row.is_migration:
            key = tuple(name(data.get(part)) for part in ("history", "revision", "database"))
            found.setdefault((key[0], key[1], key[2]), []).append(each)
    several = len({history for history, _, _ in found}) > 1
    return tuple(_trip(key, parts, several=several) for key, parts in list(found.items())[:_MOST_TRIPS])


def _trip(key: tuple[str, str, str], details: Sequence[Detail], *, several: bool) -> Trip:
    history, revision, database = key
    row = details[0].row
    states: list[Mapping[str, Any]] = []
    left_out = 0.0
    for each in details:
        states += objects(each.row.figures.get("row_states"))
        left_out += number(each.row.figures.get("row_states_left_out")) or 0
    return Trip(
        title=f"{history} {revision}" if several or not revision else revision,
        database=database,
        target=f"{row.venue}/{row.model}" if row.model else "",
        verdicts=tuple((each.row.check, Cell(each.row.word, each.anchor, each.row.reason)) for each in details),
        columns=tuple(column for state in states for column in _columns(state)),
        left_out=int(left_out),
    )


def _columns(state: Mapping[str, Any]) -> Iterable[Column]:
    """Yield a line for each value of a row that was there all the time, and one for a row that came or went."""
    names: dict[str, None] = {}
    for each in _STATES:
        names |= dict.fromkeys(mapping(state.get(each)))
    stayed = all(isinstance(state[each], dict) for each in _STATES if each in state)
    for column in names if stayed else (_WHOLE,):
        values = [_value(state, each, column) for each in _STATES]
        if column == _WHOLE and values[2] == values[1] and not values[2][1]:
            values[2] = _KEPT, True
        marked = tuple(Value(text, text not in {values[0][0], _NOT_RUN}, is_word) for text, is_word in values)
        yield Column(name(state.get("table")), shown(state.get("key"), 120), name(column), marked)


def _value(state: Mapping[str, Any], moment: str, column: str) -> tuple[str, bool]:
    """Return what a column held, and whether that is a word of ours."""
    if moment not in state:
        return _NOT_RUN, True
    row = state[moment]
    if not isinstance(row, dict):
        return _NO_ROW, True
    if column == _WHOLE:
        return shown(", ".join(f"{key} {_NULL if value is None else value}" for key, value in row.items())), False
    value = row.get(column)
    return (_NULL, True) if value is None else (shown(value, 160), False)
