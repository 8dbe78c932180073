"""
The rows that a round trip changed, as they were before, after the upgrade and after the downgrade: for the report, so
that somebody can look at them. Judges nothing.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.migrations.snapshots.values import Value
from pytest_darkhost.verdicts import JSON

MOST_ROWS = 20
MOST_COLUMNS = 24
_LONGEST = 120

State: TypeAlias = Mapping[str, Value] | None
"""A row by column; `None` where it is not there."""


def row_states(trip: RoundTrip) -> dict[str, JSON]:
    """Return the rows that up or down changed, those of the upgrade first, and how many more there are."""
    up, left = _by_row(trip.changed), _by_row(trip.left)
    undone = trip.downgrade is not None and not trip.downgrade.raised
    rows = list(dict.fromkeys((*up, *left)))
    shown: list[JSON] = [_states(row, up.get(row, []), left.get(row, []), undone=undone) for row in rows[:MOST_ROWS]]
    if not rows:
        return {}
    more: dict[str, JSON] = {"row_states_left_out": len(rows) - MOST_ROWS} if len(rows) > MOST_ROWS else {}
    return {"row_states": shown, **more}


def _by_row(differences: Iterable[Difference]) -> dict[tuple[str, str], list[Difference]]:
    found: dict[tuple[str, str], list[Difference]] = {}
    for each in differences:
        if each.kind == "row":
            found.setdefault((each.name, each.key or ""), []).append(each)
    return found


def _states(row: tuple[str, str], up: list[Difference], left: list[Difference], *, undone: bool) -> dict[str, JSON]:
    before = _before(up or left)
    states = {"before": before, "upgraded": _after(before, up)}
    if undone:
        states["downgraded"] = _after(before, left)
    columns = _columns(tuple(states.values()))
    return {
        "table": row[0],
        "key": _text(row[1]),
        **{name: _shown(state, columns) for name, state in states.items()},
    }


def _before(differences: list[Difference]) -> State:
    first = differences[0]
    return None if first.change == "added" else dict(first.row)


def _after(before: State, differences: list[Difference]) -> State:
    """Return what a row became by these differences from what it was."""
    for each in differences:
        if each.change == "removed":
            return None
        if each.change == "added":
            return dict(each.row)
    changed = {each.column: each.after for each in differences if each.column is not None}
    return before if before is None else {**before, **changed}


def _columns(states: tuple[State, ...]) -> list[str]:
    """Return the columns that are not the same in all states; all of them for a row that came or went."""
    there = [state for state in states if state is not None]
    names = list(dict.fromkeys(name for state in there for name in state))
    if len(there) == len(states):
        names = [name for name in names if any(state.get(name) != there[0].get(name) for state in there)]
    return names[:MOST_COLUMNS]


def _shown(state: State, columns: list[str]) -> JSON:
    return None if state is None else {name: _text(state.get(name)) for name in columns}


def _text(value: Value) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
