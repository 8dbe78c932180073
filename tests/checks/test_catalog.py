"""
Parity of rows and specs, in both directions.
"""

from decimal import Decimal

import pytest

from checks.factory import SLUG, VENUE, judged, make_case, make_catalog, make_model, make_row
from pytest_darkhost.catalog.rows import Catalog, ModelRow, ProviderRow
from pytest_darkhost.checks.case import Source
from pytest_darkhost.verdicts import Failed, Passed, Verdict

TARGET, OF_VENUE = "catalog_parity", "venue catalog_parity"


def parity(name: str, catalog: Catalog | None, **changes: object) -> Verdict:
    """Return one verdict without calls."""
    return judged(make_case(source=Source.CATALOG, catalog=catalog, **changes))[name]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (make_row(provider_slug="groq"), "provider: spec together, catalog groq"),
        (make_row(provider_slug=None), "provider: spec together, catalog NULL"),
        (make_row(upstream_model="gpt-oss"), "upstream_model: spec openai/gpt-oss-120b, catalog gpt-oss"),
        (make_row(price_in_per_mtok_usd=Decimal("0.16")), "price_in_per_mtok_usd: spec 0.15, catalog 0.16"),
        (make_row(price_out_per_mtok_usd=None), "price_out_per_mtok_usd: spec 0.6, catalog NULL"),
        (make_row(price_out_per_mtok_usd=Decimal("6E+1")), "price_out_per_mtok_usd: spec 0.6, catalog 60"),
    ],
)
def test_each_column_that_differs_is_named(row: ModelRow, fault: str) -> None:
    """The verdict has both values."""
    verdict = parity(TARGET, make_catalog(row))

    assert isinstance(verdict, Failed)
    assert verdict.actual == fault


def test_all_differences_are_in_one_verdict() -> None:
    """One run shows all that is to be mended."""
    verdict = parity(TARGET, make_catalog(make_row(upstream_model="x", price_in_per_mtok_usd=Decimal(1))))

    assert verdict.actual.count("; ") == 1


def test_prices_are_compared_as_numbers() -> None:
    """0.15 and 0.1500 are one price."""
    verdict = parity(TARGET, make_catalog(make_row(price_in_per_mtok_usd=Decimal("0.15000"))))

    assert isinstance(verdict, Passed)
    assert verdict.actual == "the same, dark"


@pytest.mark.parametrize(
    ("spec", "row", "fault"),
    [
        ({"q_prior": 0.7}, {"q_prior": 0.7}, None),
        ({"q_prior": 0.7}, {"q_prior": 0.71}, "q_prior: spec 0.7, catalog 0.71"),
        ({"q_prior": 0.7}, {}, "q_prior: spec 0.7, catalog NULL"),
        ({}, {"q_prior": 0.7, "m_allowed": True}, None),
        ({"m_allowed": True}, {"m_allowed": True}, None),
        ({"m_allowed": True}, {"m_allowed": False}, "m_allowed: spec True, catalog False"),
        ({"m_allowed": False}, {}, "m_allowed: spec False, catalog NULL"),
    ],
    ids=str,
)
def test_prior_and_gate_are_compared_where_the_spec_gives_them(
    spec: dict[str, object], row: dict[str, object], fault: str | None
) -> None:
    """A spec without them says nothing about the row; NULL is not false."""
    verdict = parity(TARGET, make_catalog(make_row(**row)), model=make_model(**spec))

    assert isinstance(verdict, Passed) if fault is None else verdict.actual == fault


def test_a_missing_row_is_named_with_its_near_slugs() -> None:
    """The catalog's own spelling is offered."""
    verdict = parity(TARGET, make_catalog(make_row(slug="gpt-oss-120b-togetherai")))

    assert verdict.actual == f"models has no row with slug '{SLUG}'; nearest: 'gpt-oss-120b-togetherai'"


def test_two_rows_of_one_slug_fail() -> None:
    """A database without the unique constraint may hold two, even if one is right."""
    verdict = parity(TARGET, make_catalog(make_row(), make_row(active=True)))

    assert verdict.actual == f"models has 2 rows with slug '{SLUG}'"


@pytest.mark.parametrize("name", [TARGET, OF_VENUE])
def test_an_empty_catalog_fails(name: str) -> None:
    """Nothing to compare with is a failure and not a skip."""
    verdict = parity(name, make_catalog(providers=()))

    assert isinstance(verdict, Failed)
    assert verdict.actual == "providers has no rows: the catalog is empty"


@pytest.mark.parametrize("name", [TARGET, OF_VENUE])
def test_no_catalog_is_not_applicable(name: str) -> None:
    """The word none in the ini switches the check off."""
    assert parity(name, None).code == "not_applicable"


def test_an_active_row_without_a_spec_fails_and_a_dark_one_is_listed() -> None:
    """What production may call must have a spec; what is dark may wait."""
    lit, dark = make_row(slug="lit", active=True), make_row(slug="dim")
    verdict = parity(OF_VENUE, make_catalog(make_row(), lit, dark))

    assert isinstance(verdict, Failed)
    assert verdict.actual == "active without a model in the spec: 'lit'"
    assert dict(verdict.context)["dark without a spec"] == "'dim'"
    assert isinstance(parity(OF_VENUE, make_catalog(make_row(), dark)), Passed)


def test_an_active_row_of_the_spec_passes() -> None:
    """Being active is no fault where the spec has the model."""
    catalog = make_catalog(make_row(active=True))

    assert parity(TARGET, catalog).actual == "the same, active"
    assert isinstance(parity(OF_VENUE, catalog), Passed)


def test_a_missing_provider_fails_in_the_other_direction() -> None:
    """The venue's own row is named with near slugs."""
    verdict = parity(OF_VENUE, make_catalog(providers=(ProviderRow("togetherai", "https://x"),)))

    assert verdict.actual == "providers has no row with slug 'together'; nearest: 'togetherai'"


@pytest.mark.parametrize(("known", "reports"), [({VENUE, "xai"}, True), ({VENUE, "groq"}, False), (set(), False)])
@pytest.mark.parametrize(("owner", "words"), [("replicate", "'stray' of replicate"), (None, "'stray' of no provider")])
def test_active_rows_of_unknown_providers_are_reported_once(
    known: set[str], reports: bool, owner: str | None, words: str
) -> None:
    """The first venue by name reports rows that belong to no spec file; the others leave them to it."""
    catalog = make_catalog(make_row(), make_row(slug="stray", provider_slug=owner, active=True))
    verdict = parity(OF_VENUE, catalog, known_venues=frozenset(known))

    assert isinstance(verdict, Failed) is reports
    assert not reports or verdict.actual == f"active, of a provider without a spec file: {words}"


def test_dark_rows_of_unknown_providers_are_no_fault() -> None:
    """A catalog may know more providers than a team has specs for."""
    catalog = make_catalog(make_row(), make_row(slug="stray", provider_slug="replicate"))

    assert isinstance(parity(OF_VENUE, catalog, known_venues=frozenset({VENUE})), Passed)
