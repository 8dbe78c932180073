"""
Whether catalog and specs say the same of models, in both directions: each model has its row, each active row its spec.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from pytest_darkhost.catalog.rows import Catalog, ModelRow
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.parity import catalog_words
from pytest_darkhost.checks.target import model_of
from pytest_darkhost.checks.texts import decimal_text, near_text
from pytest_darkhost.specs.models import ModelSpec
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict

_SAME_PRIOR = 1e-9
NO_CATALOG = NotJudged(ReasonCode.NOT_APPLICABLE, "no catalog: the ini says none")


def _difference(column: str, spec: object, catalog: object) -> str:
    shown = "NULL" if catalog is None else catalog
    return f"{column}: spec {spec}, catalog {shown}"


def _price(column: str, spec: Decimal, catalog: Decimal | None) -> str | None:
    if catalog is not None and spec == catalog:
        return None
    return _difference(column, decimal_text(spec), None if catalog is None else decimal_text(catalog))


def _prior(spec: float | None, catalog: float | None) -> str | None:
    if spec is None or (catalog is not None and abs(spec - catalog) <= _SAME_PRIOR):
        return None
    return _difference("q_prior", spec, catalog)


def _differences(case: Case, model: ModelSpec, row: ModelRow) -> Iterator[str]:
    """Yield each column in which a row says other than the spec."""
    if row.provider_slug != case.venue.venue:
        yield _difference("provider", case.venue.venue, row.provider_slug)
    if row.upstream_model != model.upstream_model:
        yield _difference("upstream_model", model.upstream_model, row.upstream_model)
    prices = (
        _price("price_in_per_mtok_usd", model.price.in_per_mtok_usd, row.price_in_per_mtok_usd),
        _price("price_out_per_mtok_usd", model.price.out_per_mtok_usd, row.price_out_per_mtok_usd),
    )
    yield from filter(None, (*prices, _prior(model.q_prior, row.q_prior)))
    if model.m_allowed is not None and row.m_allowed is not model.m_allowed:
        yield _difference("m_allowed", model.m_allowed, row.m_allowed)


def _row_fault(case: Case, model: ModelSpec, catalog: Catalog) -> str | None:
    rows = [row for row in catalog.models if row.slug == model.slug]
    if not rows:
        near = near_text(model.slug, (row.slug for row in catalog.models))
        return f"models has no row with slug {model.slug!r}{near}"
    if len(rows) > 1:
        return f"models has {len(rows)} rows with slug {model.slug!r}"
    return "; ".join(_differences(case, model, rows[0])) or None


def _empty(catalog: Catalog) -> str | None:
    return None if catalog.providers else "providers has no rows: the catalog is empty"


def catalog_parity(case: Case) -> Verdict:
    """Return whether the catalog has one row of the target's slug that says what the spec says."""
    if case.catalog is None:
        return NO_CATALOG
    model = model_of(case)
    expected = "one row of models that says what the spec says"
    fault = _empty(case.catalog) or _row_fault(case, model, case.catalog)
    context = (("catalog", catalog_words(case.catalog)),)
    if fault:
        return Failed(expected, fault, context)
    row = case.catalog.model(model.slug)
    state = "active" if row is not None and row.active else "dark"
    return Passed(expected, f"the same, {state}", context)


def _slugs(rows: Iterable[ModelRow]) -> str:
    return ", ".join(repr(row.slug) for row in rows)


def _ownerless(case: Case, catalog: Catalog) -> list[ModelRow]:
    """
    Return active rows whose provider has no spec file at all.

    They belong to no venue, so one venue reports them for all: the first in the order of names.
    """
    if case.venue.venue != min(case.known_venues, default=None):
        return []
    return [row for row in catalog.models if row.active and row.provider_slug not in case.known_venues]


def _venue_faults(case: Case, catalog: Catalog) -> Iterator[str]:
    name = case.venue.venue
    if catalog.provider(name) is None:
        yield f"providers has no row with slug {name!r}{near_text(name, (row.slug for row in catalog.providers))}"
    active = [row for row in _without_spec(case, catalog) if row.active]
    if active:
        yield f"active without a model in the spec: {_slugs(active)}"
    ownerless = _ownerless(case, catalog)
    if ownerless:
        named = ", ".join(f"{row.slug!r} of {row.provider_slug or 'no provider'}" for row in ownerless)
        yield f"active, of a provider without a spec file: {named}"


def _without_spec(case: Case, catalog: Catalog) -> list[ModelRow]:
    known = {model.slug for model in case.venue.models}
    return [row for row in catalog.models_of(case.venue.venue) if row.slug not in known]


def venue_catalog_parity(case: Case) -> Verdict:
    """
    Return whether the provider has its row, and each active row of it a model in the spec.

    Dark rows without a model in the spec are listed. Active rows whose provider has no spec file fail here too, once.
    """
    if case.catalog is None:
        return NO_CATALOG
    expected = "a row of providers, and a spec for each of its active models"
    empty = _empty(case.catalog)
    faults = [empty] if empty else list(_venue_faults(case, case.catalog))
    dark = [row for row in _without_spec(case, case.catalog) if not row.active]
    listed = (("dark without a spec", _slugs(dark)),) if dark else ()
    context = (("catalog", catalog_words(case.catalog)), *listed)
    if faults:
        return Failed(expected, "; ".join(faults), context)
    count = len(case.catalog.models_of(case.venue.venue))
    return Passed(expected, f"{count} rows of this provider, none active without a spec", context)
