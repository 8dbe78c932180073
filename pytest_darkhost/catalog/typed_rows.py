"""
Providers and models out of what a driver returned, or an error that names table, row and column.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.catalog.rows import ModelRow, ProviderRow
from pytest_darkhost.catalog.tables import Row
from pytest_darkhost.catalog.values import as_boolean, as_decimal, as_share, as_text
from pytest_darkhost.errors import CatalogError

Value = TypeVar("Value")


def provider_rows(names: CatalogNames, rows: Sequence[Row]) -> tuple[ProviderRow, ...]:
    """Return the providers in slug order. Raises `CatalogError` for none, and a slug that is missing or not unique."""
    table = names.providers.table
    if not rows:
        msg = f"table {table!r} is empty, expected a row per venue. Seed it, or name another database"
        raise CatalogError(msg)
    _require_unique(table, rows)
    found = [_provider(table, row) for row in rows]
    return tuple(sorted(found, key=lambda provider: provider.slug))


def model_rows(names: CatalogNames, rows: Sequence[Row], providers: Sequence[Row]) -> tuple[ModelRow, ...]:
    """Return the models in slug order. Raises `CatalogError` for a value or slug that does not serve."""
    table = names.models.table
    _require_unique(table, rows)
    slugs = {row["id"]: as_text(row["slug"]) for row in providers if "id" in row}
    found = [_model(table, row, slugs) for row in rows]
    return tuple(sorted(found, key=lambda model: model.slug))


def host_rows(
    names: CatalogNames, rows: Sequence[Row], models: Sequence[Row], providers: Sequence[Row]
) -> tuple[ModelRow, ...]:
    """
    Return the further hosts of models as rows of models, in slug order: with the brand of their model.

    Raises `CatalogError` as `model_rows` does, and for a slug that a row of models has too.
    """
    table = names.hosts.table
    _require_unique(table, rows)
    taken = {as_text(row["slug"]) for row in models} & {as_text(row["slug"]) for row in rows}
    if taken:
        msg = (
            f"slugs of table {table!r} are in {names.models.table!r} too: {', '.join(map(repr, sorted(taken)))}, "
            "expected one row per slug. Rename the hosts"
        )
        raise CatalogError(msg)
    parents = {row["id"]: row for row in models}
    own = [{**row, "brand": parents.get(row["model_id"], {}).get("brand")} for row in rows]
    slugs = {row["id"]: as_text(row["slug"]) for row in providers}
    found = [
        replace(_model(table, row, slugs), logical_slug=_optional_text(parents.get(row["model_id"], {}).get("slug")))
        for row in own
    ]
    return tuple(sorted(found, key=lambda model: model.slug))


def _provider(table: str, row: Row) -> ProviderRow:
    return ProviderRow(
        slug=as_text(row["slug"]),
        base_url=_cell(table, row, "base_url", as_text),
        name=_cell(table, row, "name", _optional_text),
    )


def _model(table: str, row: Row, provider_slugs: Mapping[Hashable, str]) -> ModelRow:
    by_slug = "provider_slug" in row
    return ModelRow(
        slug=as_text(row["slug"]),
        provider_slug=_optional_text(row["provider_slug"]) if by_slug else provider_slugs.get(row["provider_id"]),
        upstream_model=_cell(table, row, "upstream_model", as_text),
        price_in_per_mtok_usd=_cell(table, row, "price_in_per_mtok_usd", as_decimal),
        price_out_per_mtok_usd=_cell(table, row, "price_out_per_mtok_usd", as_decimal),
        active=bool(_cell(table, row, "active", as_boolean)),
        brand=_cell(table, row, "brand", _optional_text),
        q_prior=_cell(table, row, "q_prior", as_share),
        m_allowed=_cell(table, row, "m_allowed", as_boolean),
        logical_slug=_cell(table, row, "logical_slug", _optional_text),
    )


def _cell(table: str, row: Row, key: str, convert: Callable[[object], Value]) -> Value:
    try:
        return convert(row.get(key))
    except ValueError as error:
        msg = f"{key} of {as_text(row['slug'])!r} in table {table!r} is {error}. Correct the row"
        raise CatalogError(msg) from None


def _optional_text(value: object) -> str | None:
    return None if value is None else as_text(value)


def _require_unique(table: str, rows: Iterable[Row]) -> None:
    counts = Counter(_slug(table, row) for row in rows)
    repeated = sorted(slug for slug, count in counts.items() if count > 1)
    if repeated:
        shown = ", ".join(f"{slug!r} ({counts[slug]} rows)" for slug in repeated[:5])
        msg = f"table {table!r} has slugs that are not unique: {shown}, expected one row per slug. Remove the others"
        raise CatalogError(msg)


def _slug(table: str, row: Row) -> str:
    try:
        slug = as_text(row["slug"])
    except ValueError as error:
        msg = f"a slug in table {table!r} is {error}"
        raise CatalogError(msg) from None
    if not slug.strip():
        msg = f"table {table!r} has a row without a slug, expected a slug in each"
        raise CatalogError(msg)
    return slug
