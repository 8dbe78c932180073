"""Paths B and C as the reader sees them: further hosts of a model, and its name over all venues. Rows are composed."""

import pytest
from sqlalchemy import URL

from pytest_darkhost.catalog.names import CatalogNames, HostNames
from pytest_darkhost.catalog.reader import read_catalog
from pytest_darkhost.errors import CatalogError
from support.history import execute

HOSTS = (
    "CREATE TABLE model_hosts (slug varchar(200), model_id integer, provider_id integer, upstream_model varchar(300),"
    " price_in_per_mtok_usd numeric, price_out_per_mtok_usd numeric, q_prior double precision, m_allowed boolean,"
    " active boolean)",
    "INSERT INTO model_hosts SELECT 'oss-on-novita', m.id, p.id, 'openai/gpt-oss', 0.05, 0.25, 0.5, true, true"
    " FROM models m, providers p WHERE m.slug = 'gpt-oss-120b-together' AND p.slug = 'novita'",
)


def test_a_host_is_a_model_of_its_provider(migrated: URL) -> None:
    """It has its own slug, prices and gates, and its model's brand and name."""
    execute(migrated, *HOSTS)
    row = read_catalog(migrated.render_as_string(hide_password=False), CatalogNames(), str).model("oss-on-novita")
    assert row is not None
    assert (row.provider_slug, row.upstream_model, row.active, row.brand) == (
        "novita",
        "openai/gpt-oss",
        True,
        "openai",
    )
    assert (str(row.price_in_per_mtok_usd), row.q_prior, row.m_allowed) == ("0.05", 0.5, True)
    assert row.logical_slug == "gpt-oss-120b-together"


def test_a_host_may_not_share_a_slug_with_a_model(seeded: URL) -> None:
    """Nobody could tell which of the two a spec means."""
    execute(seeded, *HOSTS, "UPDATE model_hosts SET slug = 'gpt-oss-120b-novita'")
    with pytest.raises(CatalogError, match=r"slugs of table 'model_hosts' are in 'models' too: 'gpt-oss-120b-novita'"):
        read_catalog(seeded.render_as_string(), CatalogNames(), str)


def test_a_table_of_hosts_that_is_named_must_be_there(seeded: URL) -> None:
    """Without a name, a catalog has hosts only where there is such a table."""
    with pytest.raises(CatalogError, match=r"there is no table 'hosts' .* expected the catalog's hosts"):
        read_catalog(seeded.render_as_string(), CatalogNames(hosts=HostNames(table="hosts")), str)


def test_the_logical_name_is_read_where_there_is_one(migrated: URL) -> None:
    """Path C adds a column that may be NULL."""
    execute(
        migrated,
        "ALTER TABLE models ADD COLUMN logical_slug varchar(200)",
        "UPDATE models SET logical_slug = 'gpt-oss-120b' WHERE slug = 'gpt-oss-120b-together'",
    )
    catalog = read_catalog(migrated.render_as_string(hide_password=False), CatalogNames(), str)
    found = {row.slug: row.logical_slug for row in catalog.models}
    assert found["gpt-oss-120b-together"] == "gpt-oss-120b"
    assert found["gpt-oss-120b-novita"] is None
