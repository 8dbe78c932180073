"""Digests of rows: equal for equal rows, other for any other value, and computable by hand."""

import hashlib
from dataclasses import fields, replace
from decimal import Decimal

import pytest

from pytest_darkhost.catalog.digests import row_digest
from pytest_darkhost.catalog.rows import Catalog, CatalogSource, ModelRow, ProviderRow

PROVIDER = ProviderRow("acme", "https://api.acme.example", "Acme")
ROW = ModelRow("small-acme", "acme", "acme/small", Decimal("0.15"), Decimal("0.6"), active=False, brand="acme")
OTHER = {
    "slug": "small-other",
    "provider_slug": None,
    "upstream_model": "acme/large",
    "price_in_per_mtok_usd": Decimal("0.16"),
    "price_out_per_mtok_usd": None,
    "active": True,
    "brand": None,
    "q_prior": 0.8,
    "m_allowed": False,
    "logical_slug": "small",
}


def catalog(row=ROW, provider=PROVIDER, revision="0002"):
    """Return a catalog of one row."""
    return Catalog(CatalogSource.DATABASE, "sqlite:///a.db", revision, (provider,), (row,) if row else ())


def test_it_is_computed_by_hand():
    """From the rows as RFC 8785 has them."""
    text = (
        '{"model":{"active":false,"brand":"acme","logical_slug":null,"m_allowed":null,"price_in_per_mtok_usd":"0.15",'
        '"price_out_per_mtok_usd":"0.6","provider_slug":"acme","q_prior":null,"slug":"small-acme",'
        '"upstream_model":"acme/small"},'
        '"provider":{"base_url":"https://api.acme.example","name":"Acme","slug":"acme"}}'
    )

    assert row_digest(catalog(), "acme", "small-acme") == hashlib.sha256(text.encode()).hexdigest()


def test_only_the_rows_count():
    """Revision and other rows are no part of it; a row that is not there has a digest too."""
    known = row_digest(catalog(), "acme", "small-acme")

    assert row_digest(catalog(revision="0009"), "acme", "small-acme") == known
    assert row_digest(catalog(None), "acme", "small-acme") == row_digest(catalog(None), "acme", "small-acme") != known


def test_every_column_has_a_case():
    """A new column is none that nobody tried."""
    assert set(OTHER) == {each.name for each in fields(ModelRow)}


@pytest.mark.parametrize("name", [name for name in OTHER if name != "slug"])
def test_another_value_is_another_digest(name):
    """Whatever was changed."""
    changed = catalog(replace(ROW, **{name: OTHER[name]}))

    assert row_digest(changed, "acme", "small-acme") != row_digest(catalog(), "acme", "small-acme")


@pytest.mark.parametrize("change", [{"base_url": "https://other.example"}, {"name": None}])
def test_another_provider_is_another_digest(change):
    """Where production sends is part of what was proved."""
    changed = catalog(provider=replace(PROVIDER, **change))

    assert row_digest(changed, "acme", "small-acme") != row_digest(catalog(), "acme", "small-acme")
