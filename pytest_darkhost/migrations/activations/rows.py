"""
The row that an activation lights: what it holds before and after, by the names that the catalog has for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pytest_darkhost.catalog.names import CatalogNames, HostNames, ModelNames
from pytest_darkhost.migrations.activations.found import Column, Found
from pytest_darkhost.migrations.activations.gates import SchemaPath
from pytest_darkhost.specs.models import ModelSpec

_VALUES = (
    "upstream_model",
    "brand",
    "price_in_per_mtok_usd",
    "price_out_per_mtok_usd",
    "q_prior",
    "m_allowed",
    "logical_slug",
    "active",
)
_GATES = frozenset({"price_in_per_mtok_usd", "price_out_per_mtok_usd", "q_prior", "m_allowed", "active"})


@dataclass(frozen=True, slots=True)
class LitRow:
    """One row, dark and lit."""

    names: ModelNames | HostNames
    inserted: bool
    """Whether the catalog has no such row yet."""
    before: Mapping[str, object]
    """Values by column. Of a row that is inserted: as the upgrade inserts it."""
    after: Mapping[str, object]

    @property
    def changed(self) -> tuple[str, ...]:
        """The columns whose values differ, in the order of the row."""
        return tuple(name for name, value in self.after.items() if self.before[name] != value)


def lit_row(model: ModelSpec, path: SchemaPath, found: Found, names: CatalogNames) -> LitRow:
    """Return the row of a model as the catalog has it, and as the spec wants it lit."""
    own: ModelNames | HostNames = names.hosts if path is SchemaPath.B else names.models
    there = found.hosts if path is SchemaPath.B else found.models
    row = found.catalog.model(model.slug)
    columns = {key: getattr(own, key) for key in _VALUES if _is_kept(key, path, own, there)}
    after = _wanted(model)
    before = {**after, "active": False} if row is None else {key: getattr(row, key) for key in columns}
    # Equal numbers are written alike: 0.6 and 0.60 would look like a change.
    before = {key: after[key] if value == after[key] else value for key, value in before.items()}
    return LitRow(
        names=own,
        inserted=row is None,
        before={column: before[key] for key, column in columns.items()},
        after={column: after[key] for key, column in columns.items()},
    )


def missing_columns(path: SchemaPath, found: Found, names: CatalogNames) -> tuple[str, ...]:
    """Return the columns without which the router could not enrol the row."""
    if path is SchemaPath.B:
        return ()
    return tuple(sorted(getattr(names.models, key) for key in _GATES if getattr(names.models, key) not in found.models))


def unfilled_columns(row: LitRow, keys: frozenset[str], there: Mapping[str, Column]) -> tuple[str, ...]:
    """Return the columns that an INSERT of the row would have to name, and for which the spec has no value."""
    return tuple(name for name, column in there.items() if column.required and name not in {*row.after, *keys})


def _wanted(model: ModelSpec) -> dict[str, object]:
    own = {key: getattr(model, key) for key in ("upstream_model", "brand", "q_prior", "m_allowed", "logical_slug")}
    prices = {
        "price_in_per_mtok_usd": model.price.in_per_mtok_usd,
        "price_out_per_mtok_usd": model.price.out_per_mtok_usd,
    }
    return {**own, **prices, "active": True}


def _is_kept(key: str, path: SchemaPath, own: ModelNames | HostNames, there: Mapping[str, Column]) -> bool:
    """Return whether the table has, or will have, a column for this value, and the path sets it."""
    if not hasattr(own, key):
        return False
    if key == "logical_slug":
        return path is SchemaPath.C
    return path is SchemaPath.B or getattr(own, key) in there
