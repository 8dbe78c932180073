"""
What two states of one table's rows disagree on.
"""

import ast
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_darkhost.migrations.snapshots.values import TableRows, Value


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row that was added or removed, or one value of a row that was changed."""

    change: str
    key: str | None
    column: str | None = None
    before: Value = None
    after: Value = None
    row: tuple[tuple[str, Value], ...] = ()
    """The row's values by column, of a changed row the old ones; of a big table the key alone."""


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A row by column, with its key in words."""

    key: str
    values: Mapping[str, Value]


def row_differences(before: TableRows | None, after: TableRows | None, *, generated: bool) -> Iterator[RowDifference]:
    """
    Yield the differences in the columns that both states have, in the order of the rows.

    With `generated`, keys that the database fills are compared too. A row that lost its key but kept a generated one
    is a changed row.
    """
    if before is None or after is None:
        yield from _all_rows(before or after, "removed" if after is None else "added")
    elif before.rows is None or after.rows is None:
        yield from _by_digest(before, after)
    elif before.rows != after.rows or before.columns != after.columns or _types(before) != _types(after):
        yield from _by_value(before, after, generated=generated)


def not_appended(before: TableRows, after: TableRows) -> tuple[RowDifference, ...]:
    """
    Return what breaks the rule that a table only grows: rows removed, changed, or added before the last old one.

    Both must have the same columns and be in the order of a primary key.
    """
    broken = [each for each in row_differences(before, after, generated=True) if each.change != "added"]
    if not broken and not _is_prefix(before, after):
        broken = [RowDifference("added", "before the last of the old rows")]
    return tuple(broken)


def _is_prefix(before: TableRows, after: TableRows) -> bool:
    if before.rows is None or after.rows is None:
        return after.digests.startswith(before.digests)
    return after.rows[: before.count] == before.rows


def _types(rows: TableRows) -> list[type]:
    """Return the types of all values: for Python, 1, 1.0 and True are equal, for SQLite they are not."""
    return [type(value) for row in rows.rows or () for value in row]


def _all_rows(rows: TableRows | None, change: str) -> Iterator[RowDifference]:
    """Yield each row of a table that is new or gone; of a big one only how many."""
    if rows and rows.rows is None:
        yield RowDifference(change, f"all {rows.count} rows")
    elif rows:
        for each in _keyed(rows, rows.key or rows.columns):
            yield RowDifference(change, each.key, row=tuple(each.values.items()))


def _by_value(before: TableRows, after: TableRows, *, generated: bool) -> Iterator[RowDifference]:
    key, common = _key(before, after), tuple(name for name in before.columns if name in after.columns)
    compared = [name for name in common if generated or name not in before.generated or name in key]
    removed, added, pairs = _paired(_keyed(before, key or common), _keyed(after, key or common))
    for surrogate in _second_keys(before, common, key):
        removed, added, more = _paired(_with_key(removed, surrogate), _with_key(added, surrogate))
        pairs += [(_named(old, key), new) for old, new in more]
    if not generated:
        removed, added, _ = _paired_alike(removed, added, [name for name in common if name not in before.generated])
    for old, new in pairs:
        yield from _changes(old, new, compared)
    for change, rows in (("removed", removed), ("added", added)):
        for each in rows:
            yield RowDifference(change, _named(each, key or common).key, row=tuple(each.values.items()))


def _key(before: TableRows, after: TableRows) -> tuple[str, ...]:
    """Return the columns that name rows on both sides: the key may have been dropped between the two."""
    for key in (before.key, after.key, before.generated):
        if key and {*key} <= {*before.columns} & {*after.columns}:
            return key
    return ()


def _second_keys(before: TableRows, common: Sequence[str], key: Sequence[str]) -> Iterator[tuple[str, ...]]:
    if before.generated and {*before.generated} <= {*common} and tuple(key) != before.generated:
        yield before.generated


def _keyed(rows: TableRows, key: Sequence[str]) -> list[_Keyed]:
    named = [dict(zip(rows.columns, row, strict=True)) for row in rows.rows or ()]
    return _with_key([_Keyed("", values) for values in named], key)


def _with_key(rows: Iterable[_Keyed], key: Sequence[str]) -> list[_Keyed]:
    return [_named(row, key) for row in rows]


def _named(row: _Keyed, key: Sequence[str]) -> _Keyed:
    return _Keyed(", ".join(f"{name}={row.values[name]!r}" for name in key), row.values)


def _paired(
    before: list[_Keyed], after: list[_Keyed]
) -> tuple[list[_Keyed], list[_Keyed], list[tuple[_Keyed, _Keyed]]]:
    """Return what only one side has, and pairs of equal keys. A key that is the whole row may occur more than once."""
    waiting: defaultdict[str, list[_Keyed]] = defaultdict(list)
    for row in reversed(after):
        waiting[row.key].append(row)
    removed, pairs = [], []
    for row in before:
        if waiting[row.key]:
            pairs.append((row, waiting[row.key].pop()))
        else:
            removed.append(row)
    taken = {id(new) for _, new in pairs}
    return removed, [row for row in after if id(row) not in taken], pairs


def _paired_alike(
    removed: list[_Keyed], added: list[_Keyed], columns: Sequence[str]
) -> tuple[list[_Keyed], list[_Keyed], list[tuple[_Keyed, _Keyed]]]:
    """Pair rows that are the same but for a generated key: deleted and inserted again."""
    return _paired(_with_key(removed, columns), _with_key(added, columns))


def _changes(old: _Keyed, new: _Keyed, columns: Sequence[str]) -> Iterator[RowDifference]:
    for name in columns:
        before, after = old.values[name], new.values[name]
        if before != after or type(before) is not type(after):
            yield RowDifference("changed", old.key, name, before, after, tuple(old.values.items()))


def _by_digest(before: TableRows, after: TableRows) -> Iterator[RowDifference]:
    if (before.rows is None) != (after.rows is None):
        msg = (
            "one of two snapshots holds digests of a table, the other one rows: take the later one with the earlier one"
        )
        raise ValueError(msg)
    if before.columns == after.columns:
        yield from _lines(before, after)
        return
    for name in before.columns:
        if name in after.columns and _column_digest(before, name) != _column_digest(after, name):
            yield RowDifference("changed", "of a table kept as digests", name)


def _column_digest(rows: TableRows, name: str) -> str:
    return rows.column_digests[rows.columns.index(name)]


def _lines(before: TableRows, after: TableRows) -> Iterator[RowDifference]:
    """Compare line by line. Without a key, equal rows have equal lines: how many there are counts."""
    if before.digests == after.digests:
        return
    old, new = Counter(before.digests.splitlines()), Counter(after.digests.splitlines())
    gone, come = (Counter(map(_key_of, lines.elements())) for lines in (old - new, new - old))
    for change, keys in (("changed", gone & come), ("removed", gone - come), ("added", come - gone)):
        for key in sorted(keys.elements()):
            row = tuple(zip(before.key or before.columns, _values(key), strict=True))
            yield RowDifference(change, ", ".join(f"{name}={value!r}" for name, value in row), row=row)


def _key_of(line: bytes) -> bytes:
    return line.rpartition(b"\t")[0]


def _values(key: bytes) -> list[Value]:
    """Return the values of a key: servers write JSON, all of it text, and SQLite's are Python's own."""
    text = key.decode()
    try:
        values: list[Value] = json.loads(text)
    except ValueError:
        values = ast.literal_eval(text)
    return values
