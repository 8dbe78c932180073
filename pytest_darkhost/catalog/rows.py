"""
Rows of the catalog as values. Nothing here knows SQL (`reader`).
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class CatalogSource(StrEnum):
    """Where the rows came from; each verdict says it."""

    DATABASE = "database"
    REFERENCE = "reference catalog"


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """A row of `providers`."""

    slug: str
    base_url: str
    """What the production adapter appends its path to."""
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A row of `models`, or of its further hosts (path B), with its provider's slug."""

    slug: str
    provider_slug: str | None
    """`None` when the row refers to no provider that exists."""
    upstream_model: str
    price_in_per_mtok_usd: Decimal | None
    price_out_per_mtok_usd: Decimal | None
    active: bool
    brand: str | None = None
    q_prior: float | None = None
    m_allowed: bool | None = None
    logical_slug: str | None = None
    """What the model is called over all venues: of a host, the slug of its model."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that was read, at one moment."""

    source: CatalogSource
    location: str
    """The URL without its password, or the words of the reference catalog."""
    revision: str | None
    """The Alembic revision of the database, if it has one."""
    providers: tuple[ProviderRow, ...]
    models: tuple[ModelRow, ...]
    dialect: str | None = None
    """SQLAlchemy's name of the kind of database; `None` for rows that came from none."""
    server_version: str | None = None

    def provider(self, slug: str) -> ProviderRow | None:
        """Return the provider of this slug."""
        return next((row for row in self.providers if row.slug == slug), None)

    def model(self, slug: str) -> ModelRow | None:
        """Return the model of this slug."""
        return next((row for row in self.models if row.slug == slug), None)

    def models_of(self, provider_slug: str) -> tuple[ModelRow, ...]:
        """Return the rows of one provider, in slug order."""
        return tuple(sorted((r for r in self.models if r.provider_slug == provider_slug), key=lambda r: r.slug))
