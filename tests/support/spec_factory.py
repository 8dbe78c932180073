"""Venue specs that point at a stand-in venue, as YAML, as a file, or as the models of the package."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from pytest_darkhost.specs.models import ModelSpec, VenueSpec
from pytest_darkhost.specs.settings import effective
from support.profile import Profile
from support.said import Prices
from support.venue_server import VenueServer

KEY_ENV = "DARKHOST_TEST_KEY"
_GENEROUS: Mapping[str, float] = {
    "cold_ms": 5000,
    "warm_ms": 5000,
    "ttft_ms": 5000,
    "inter_token_latency_ms": 1000,
    "tokens_per_second_min": 1,
    "cold_to_warm_ratio_max": 10_000,
}


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping with changes, nested mappings merged key by key; a change to `None` removes a key."""
    result = dict(base)
    for key, value in changes.items():
        old = result.get(key)
        result[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return {key: value for key, value in result.items() if value is not None}


def _price(prices: Prices) -> dict[str, Any]:
    cached = {} if prices.cached_input is None else {"cached_in_per_mtok_usd": float(prices.cached_input)}
    paid = {"in_per_mtok_usd": float(prices.input), "out_per_mtok_usd": float(prices.output)}
    return paid | cached | {"source": "composed for tests", "as_of": "2026-11-22"}


def _model(profile: Profile, upstream: str, venue: str) -> dict[str, Any]:
    resolved = {"resolves_to": list(profile.resolves_to)} if profile.resolves_to else {}
    slug = f"{upstream.rsplit('/', 1)[-1]}-{venue}"
    return {
        "slug": slug,
        "upstream_model": upstream,
        "brand": "Composed",
        "price": _price(profile.prices),
        **resolved,
    }


def _defaults(profile: Profile) -> dict[str, Any]:
    return {
        "capabilities": list(profile.capabilities),
        "latency_budget": dict(_GENEROUS),
        "samples": {"warm": 1, "stream": 1},
        **({"quirks": dict(profile.quirks)} if profile.quirks else {}),
    }


def venue_mapping(server: VenueServer, name: str | None = None, /, **overrides: Any) -> dict[str, Any]:
    """
    Return a spec for a stand-in venue as plain data.

    `overrides` are keys of a venue spec; nested mappings are merged, and `None` removes a key. The key `model`
    is merged into every model.
    """
    profile = server.profile
    venue, each = name or profile.name, overrides.pop("model", {})
    spec = {
        "venue": venue,
        "dialect": profile.dialect,
        "base_url": server.base_url,
        "credential_env": [KEY_ENV],
        "max_cost_usd": 1,
        "errors": dict(profile.signs),
        "defaults": _defaults(profile),
        "models": [_merged(_model(profile, upstream, venue), each) for upstream in server.play.models],
    }
    return _merged(spec, overrides)


def venue_yaml(server: VenueServer, name: str | None = None, /, **overrides: Any) -> str:
    """Return a spec for a stand-in venue as YAML; arguments as in `venue_mapping`."""
    return yaml.safe_dump(venue_mapping(server, name, **overrides), sort_keys=False)


def write_venue(directory: Path, name: str, server: VenueServer, /, **overrides: Any) -> Path:
    """Write a spec as `<directory>/<name>.yaml` and return its path; arguments as in `venue_mapping`."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.yaml"
    path.write_text(venue_yaml(server, name, **overrides), encoding="utf-8")
    return path


def target(server: VenueServer, name: str | None = None, /, **overrides: Any) -> tuple[VenueSpec, ModelSpec]:
    """Return the venue spec, settings resolved, and its first model; arguments as in `venue_mapping`."""
    spec = effective(VenueSpec.model_validate(venue_mapping(server, name, **overrides)))
    return spec, spec.models[0]
