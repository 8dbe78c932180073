"""
Whether an earlier reading of a big table's rows still holds, as far as definitions go.

That no row was written is proved by each kind of database from what it stores, never from the statements that were run.
"""

from collections.abc import Mapping

from pytest_darkhost.migrations.snapshots.values import ObjectName, Snapshot, TableRows

_OWN = frozenset({"table", "column", "type", "default"})
_SHARED = frozenset({"enum", "domain", "composite type", "range", "extension", "function", "collation"})
"""What the text of a value may depend on besides: renaming a value of an enum writes no row."""


def known_rows(
    earlier: Snapshot | None,
    objects: Mapping[ObjectName, str],
    table: str,
    columns: tuple[str, ...],
    key: tuple[str, ...],
) -> TableRows | None:
    """Return the digests that an earlier snapshot holds of a table, if its definition and key are still the same."""
    known = earlier.tables.get(table) if earlier else None
    if earlier is None or known is None or not known.stamp or (known.columns, known.key) != (columns, key):
        return None
    return known if _definitions(earlier.objects, table) == _definitions(objects, table) else None


def _definitions(objects: Mapping[ObjectName, str], table: str) -> dict[ObjectName, str]:
    return {name: text for name, text in objects.items() if name.kind in _SHARED or _belongs(name, table)}


def _belongs(name: ObjectName, table: str) -> bool:
    return name.kind in _OWN and (name.name == table or name.name.startswith(f"{table}."))
