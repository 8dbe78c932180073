"""The run's object: which catalog was compared with, and the digest of its providers."""

import hashlib
from types import SimpleNamespace

import pytest

from pytest_darkhost.catalog.digests import providers_digest, row_digest
from pytest_darkhost.catalog.rows import Catalog, CatalogSource, ProviderRow
from pytest_darkhost.secrets import Redactor
from pytest_darkhost.specs.models import Target
from pytest_darkhost.suite.run_record import catalog_record

ROWS = (ProviderRow("b", "https://b.example", "B"), ProviderRow("a", "https://a.example"))
CATALOG = Catalog(CatalogSource.DATABASE, "postgresql://key-of-a-venue@h/db", "0007", ROWS, (), "postgresql", "18.4")


def of(setting, catalog):
    """Return the record of a run with this setting and what it read."""
    model = SimpleNamespace(slug="m-a")
    venue = SimpleNamespace(venue="a")
    loaded = SimpleNamespace(spec=SimpleNamespace(targets=(Target(venue, model),)))
    run = SimpleNamespace(
        running=(loaded,),
        settings=SimpleNamespace(catalog=setting),
        read_catalog=catalog,
        redactor=Redactor.of(["key-of-a-venue"]),
    )
    return catalog_record(run)


def test_a_database_is_described_without_keys():
    """Dialect, version, revision, and a digest that whoever has the rows computes again."""
    record = of("postgresql://h/db", CATALOG)

    text = (
        '[{"base_url":"https://a.example","name":null,"slug":"a"},'
        '{"base_url":"https://b.example","name":"B","slug":"b"}]'
    )
    assert record == {
        "source": "database",
        "location": "postgresql://[redacted]@h/db",
        "dialect": "postgresql",
        "server_version": "18.4",
        "revision": "0007",
        "providers_digest": {"sha256": hashlib.sha256(text.encode()).hexdigest()},
        "rows": [{"name": "a/m-a", "digest": {"sha256": row_digest(CATALOG, "a", "m-a")}}],
    }
    assert providers_digest(CATALOG) == record["providers_digest"]["sha256"]


@pytest.mark.parametrize(("setting", "source"), [(None, "reference"), ("none", "none"), ("sqlite:///x.db", "database")])
def test_a_catalog_that_was_not_read_has_nothing_but_its_source(setting, source):
    """The reference catalog among them: it is built when a check first needs it."""
    assert of(setting, None) == dict.fromkeys(of(setting, None)) | {"source": source}
