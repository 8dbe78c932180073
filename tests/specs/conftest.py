"""A spec that is right, and ways to write it with one thing changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_darkhost.errors import SpecError, SpecMistake
from pytest_darkhost.specs.loader import LoadedVenue, load_venue

GOOD = """\
venue: acme
dialect: openai
base_url: https://api.acme.example/openai
aliases: [https://api.acme.invalid]
credential_env: [ACME_API_KEY]
auth: {scheme: bearer}
headers: {x-title: smoke}
max_cost_usd: "0.05"
errors:
  refused_key: {status: [401], code: [invalid_api_key]}
  unknown_model: {status: 404}
ceilings: {connect_timeout_ms: 5000}
defaults:
  capabilities: [stream, tools]
  latency_budget: {cold_ms: 8000, ttft_ms: 1500}
models:
  - slug: one-acme
    upstream_model: vendor/one
    brand: vendor
    price:
      in_per_mtok_usd: "0.15"
      out_per_mtok_usd: 0.6
      source: composed
      as_of: 2026-11-22
    latency_budget: {cold_ms: 9000}
    samples: {warm: 2}
    quirks: {temperature: false}
  - slug: two-acme
    upstream_model: vendor/two
    brand: vendor
    price: {in_per_mtok_usd: 1, out_per_mtok_usd: 2, source: composed, as_of: 2026-11-22}
"""
"""Composed. Its lines are named by the tests."""

MANAGED = GOOD.replace("https://api.acme.example/openai", "http://127.0.0.1:{port}").replace(
    "credential_env: [ACME_API_KEY]",
    "serve: {id: acme, command: ['{python}', -m, server, --port, '{port}'], environment: {SERVE_KEY: '{key}'}}",
)
"""Composed. The same as a managed venue."""

Load = Callable[..., LoadedVenue]
Mistakes = Callable[..., tuple[SpecMistake, ...]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Return a function that writes a spec and loads it."""

    def load_text(text: str | bytes, name: str = "acme.yaml") -> LoadedVenue:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load_venue(path, tmp_path)

    return load_text


@pytest.fixture
def mistakes(load: Load) -> Mistakes:
    """Return a function that writes a spec and returns its mistakes; none where it loads."""

    def mistakes_of(text: str | bytes, name: str = "acme.yaml") -> tuple[SpecMistake, ...]:
        try:
            load(text, name)
        except SpecError as error:
            return error.mistakes
        return ()

    return mistakes_of


@pytest.fixture
def good() -> str:
    """Return a spec without a mistake."""
    return GOOD


@pytest.fixture
def managed() -> str:
    """Return the spec of a managed venue without a mistake."""
    return MANAGED
