"""
Digests of rows as they were read: whoever has the rows computes them again. In RFC 8785 form, so that a row has one.
"""

import hashlib
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import rfc8785

from pytest_darkhost.catalog.rows import Catalog, ModelRow, ProviderRow


def providers_digest(catalog: Catalog) -> str:
    """Return the SHA-256 of all rows of `providers`, by slug."""
    rows = sorted(catalog.providers, key=lambda row: row.slug)
    return _digest([_provider(row) for row in rows])


def row_digest(catalog: Catalog, venue: str, slug: str) -> str:
    """
    Return the SHA-256 of all that the catalog holds of a target: its row, and that of its provider.

    A row that is not there is null. Prices are decimal strings without padding zeros.
    """
    provider, model = catalog.provider(venue), catalog.model(slug)
    return _digest({"provider": provider and _provider(provider), "model": model and _model(model)})


def _provider(row: ProviderRow) -> dict[str, Any]:
    return {"slug": row.slug, "name": row.name, "base_url": row.base_url}


def _model(row: ModelRow) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(row).items()}


def _digest(value: Any) -> str:
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
