"""Venue specs as values, for tests that need no file."""

from typing import Any

from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.specs.settings import effective


def make_model(**changes: Any) -> dict[str, Any]:
    """Return the data of a model named `small-acme`; keyword arguments replace its keys."""
    return {
        "slug": "small-acme",
        "upstream_model": "acme/small",
        "brand": "acme",
        "price": {"in_per_mtok_usd": "1", "out_per_mtok_usd": "2", "source": "made up", "as_of": "2026-01-01"},
        "capabilities": ["stream"],
        **changes,
    }


def make_venue(**changes: Any) -> VenueSpec:
    """Return a venue named `acme` with its defaults applied; keyword arguments replace its keys."""
    data = {
        "venue": "acme",
        "dialect": "openai",
        "base_url": "https://api.acme.example",
        "credential_env": ["ACME_API_KEY"],
        "max_cost_usd": "0.05",
        "errors": {"refused_key": {"status": [401]}, "unknown_model": {"status": [404]}},
        "models": [make_model()],
        **changes,
    }
    return effective(VenueSpec.model_validate(data))
