"""A catalog that comes from elsewhere than a database that SQLAlchemy reads. Composed values."""

import pytest

from pytest_darkhost import Catalog, CatalogSource, ProviderRow


@pytest.fixture(scope="session")
def darkhost_catalog() -> Catalog:
    """Return the rows of `providers` and `models`. The plugin's own items read them too."""
    acme = ProviderRow(slug="acme", base_url="https://api.acme.example")
    return Catalog(CatalogSource.DATABASE, "https://config.acme.example", None, providers=(acme,), models=())
