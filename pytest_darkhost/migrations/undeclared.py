"""
Which differences a declaration does not cover. What is not declared may not change: nothing is inferred.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from pytest_darkhost.migrations.declarations import Declaration
from pytest_darkhost.specs.changes import Change

_DEFAULT_SCHEMAS = ("public.", "main.")


class _Seen(Protocol):
    """What is read of a difference."""

    @property
    def kind(self) -> str: ...
    @property
    def change(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def column(self) -> str | None: ...
    @property
    def row(self) -> tuple[tuple[str, object], ...]: ...


Seen = TypeVar("Seen", bound=_Seen)


def undeclared(differences: Iterable[Seen], declaration: Declaration) -> tuple[Seen, ...]:
    """
    Return the differences that the declaration does not cover, in their order.

    A changed column is covered where its row and the column are declared, a row that came or went where the whole row
    is. In an append-only table, added rows are covered, and nothing else. A declared table of the schema covers the
    table and what hangs on it, but no row. Volatile columns are covered wherever they changed.
    """
    changes = declaration.changes or ()
    return tuple(
        seen
        for seen in differences
        if not _volatile(seen, declaration.volatile) and not any(_covers(change, seen) for change in changes)
    )


def _volatile(seen: _Seen, columns: frozenset[str]) -> bool:
    return (
        seen.kind == "row"
        and seen.column is not None
        and f"{_plain(seen.name)}.{seen.column}" in set(map(_plain, columns))
    )


def _covers(change: Change, seen: _Seen) -> bool:
    if change.object is not None:
        return seen.kind != "row" and _covers_object(change.object, seen)
    if seen.kind != "row" or _plain(change.table or "") != _plain(seen.name):
        return False
    if change.append:
        return seen.change == "added"
    return _is_row(change.row or {}, dict(seen.row)) and _covers_column(change.columns, seen.column)


def _covers_object(declared: str, seen: _Seen) -> bool:
    kind, _, name = declared.partition(" ")
    if _plain(name.strip()) == _plain(seen.name):
        return kind == seen.kind
    return kind == "table" and _plain(seen.name).startswith(f"{_plain(name.strip())}.")


def _covers_column(declared: tuple[str, ...] | None, seen: str | None) -> bool:
    return declared is None or seen in declared


def _is_row(declared: Mapping[str, object], seen: Mapping[str, object]) -> bool:
    return all(column in seen and _same(value, seen[column]) for column, value in declared.items())


def _same(declared: object, seen: object) -> bool:
    """Return whether a value is the declared one. SQLite has 1 and 0 for true and false."""
    return declared == seen or (declared is not None and seen is not None and str(declared) == str(seen))


def _plain(name: str) -> str:
    """Return a name without the schema that is meant where none is named."""
    return next((name.removeprefix(schema) for schema in _DEFAULT_SCHEMAS if name.startswith(schema)), name)
