"""
What two snapshots of one database disagree on. Whether that was declared is for others to judge.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from pytest_darkhost.migrations.row_differences import row_differences
from pytest_darkhost.migrations.same_meanings import same_meaning
from pytest_darkhost.migrations.snapshots.values import DECLARED_ONLY, GENERATED_KEY, Snapshot, Value


@dataclass(frozen=True, slots=True)
class Difference:
    """One object, or one value of one row."""

    kind: str
    """`row`, or a kind of object: `table`, `column`, `type`, `default`, `constraint`, `index`, `view`, `grant`, …"""
    change: str
    """`added`, `removed` or `changed`."""
    name: str
    """The object or table: `models`, `models.price`, `audit.ix_entries`."""
    key: str | None = None
    """Of a row: `slug='gpt-oss-120b-together'`."""
    column: str | None = None
    """Of a changed row whose values are known."""
    before: Value = None
    after: Value = None
    row: tuple[tuple[str, Value], ...] = ()
    """Of a row: its values by column, of a changed one the old ones; in a big table the key alone."""

    def __str__(self) -> str:
        row = f" row {self.key}" if self.key else ""
        column = f", {self.column}" if self.column else ""
        values = "" if self.before is None and self.after is None else f": {self.before!r} -> {self.after!r}"
        return f"{self.kind if self.kind != 'row' else 'table'} {self.name}{row}{column} {self.change}{values}"


def differences(before: Snapshot, after: Snapshot, *, also: Collection[str] = ()) -> tuple[Difference, ...]:
    """
    Return what differs, objects first, each in the order of kind and name.

    Physical column order, sequence positions and generated keys are compared only if `also` names them
    (`snapshots.values.DECLARED_ONLY`). Columns that only one of the two has are one difference, not one per row.
    Raises `ValueError` if a table is kept as digests in one of the two only: the later one is to be taken with the
    earlier one at hand.
    """
    left = DECLARED_ONLY - set(also)
    return (*_objects(before, after, left), *_rows(before, after, generated=GENERATED_KEY in also))


def _objects(before: Snapshot, after: Snapshot, left: Collection[str]) -> Iterator[Difference]:
    # Most are the same, so that it pays to order only those that are not.
    changed = {name for name, _ in before.objects.items() ^ after.objects.items()}
    for name in sorted(changed):
        old, new = before.objects.get(name), after.objects.get(name)
        if name.kind not in left and not (old and new and same_meaning(name.kind, old, new)):
            change = "added" if old is None else "removed" if new is None else "changed"
            yield Difference(name.kind, change, name.name, before=old or None, after=new or None)


def _rows(before: Snapshot, after: Snapshot, *, generated: bool) -> Iterator[Difference]:
    """Yield differences of rows in tables that both have, and the rows of those that one has not."""
    for table in sorted({*before.tables, *after.tables}):
        for each in row_differences(before.tables.get(table), after.tables.get(table), generated=generated):
            yield Difference("row", each.change, table, each.key, each.column, each.before, each.after, each.row)
