"""The specs that the repository ships: right, honest, affordable, and pointing where their venues are."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pytest_darkhost.plan import Owner, make_plan
from pytest_darkhost.specs.discovery import find_specs
from pytest_darkhost.specs.loader import LoadedVenue, load_venues
from pytest_darkhost.specs.resolution import DEFAULT_PATHS, AdapterPath, Sameness, adapter_path, resolved, sameness
from pytest_darkhost.specs.target_settings import Capability
from pytest_darkhost.standard_probes import TARGET_TEMPLATES

ROOT = Path(__file__).parents[2]
VENUES = {venue.spec.venue: venue for venue in load_venues(find_specs([ROOT / "venue_specs"]), ROOT)}
CHAT_URLS = {
    "groq": "https://api.groq.com/openai/v1/chat/completions",
    "deepinfra": "https://api.deepinfra.com/v1/chat/completions",
    "together": "https://api.together.ai/v1/chat/completions",
    "fireworks": "https://api.fireworks.ai/inference/v1/chat/completions",
    "novita": "https://api.novita.ai/openai/v1/chat/completions",
    "anthropic": "https://api.anthropic.com/v1/messages",
    "openai": "https://api.openai.com/v1/chat/completions",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
    "mistral": "https://api.mistral.ai/v1/chat/completions",
    "xai": "https://api.x.ai/v1/chat/completions",
}
WRONG_BASES = [
    ("groq", "https://api.groq.com"),
    ("groq", "https://api.groq.com/openai/v1"),
    ("deepinfra", "https://api.deepinfra.com/v1/openai"),
    ("together", "https://api.together.ai/v1"),
    ("fireworks", "https://api.fireworks.ai"),
    ("fireworks", "https://api.fireworks.ai/inference/v1"),
    ("novita", "https://api.novita.ai"),
    ("novita", "https://api.novita.ai/openai/v1"),
    ("openai", "https://api.openai.com/v1"),
    ("openai", "https://eu.api.openai.com"),
    ("gemini", "https://generativelanguage.googleapis.com/v1beta/openai/v1"),
    ("mistral", "https://api.mistral.ai/v1"),
    ("mistral", "https://api.eu.mistral.ai"),
    ("xai", "https://api.x.ai/v1"),
    ("anthropic", "https://api.anthropic.com/v1"),
]
ALIASES = [
    ("deepinfra", "https://api.deepinfra.com/v1/openai/chat/completions"),
    ("together", "https://api.together.xyz/v1/chat/completions"),
    ("together", "https://API.Together.xyz:443/v1/chat/completions/"),
    ("together", "https://api-inference.together.ai/v1/chat/completions"),
    ("novita", "https://api.novita.ai/v3/openai/chat/completions"),
    ("novita", "https://api.novita.ai/v3/openai/v1/chat/completions"),
    ("novita", "https://api.novita.ai/openai/chat/completions"),
]
FIRST_RING = ("groq", "deepinfra", "together", "fireworks", "novita", "anthropic")
each_venue = pytest.mark.parametrize("name", sorted(VENUES))
each_hosted = pytest.mark.parametrize("name", sorted(CHAT_URLS))


def ini_overrides() -> dict[str, str]:
    """Return `darkhost_adapter_paths` of this repository's own configuration."""
    ini = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    return {
        key.strip(): path.strip() for key, _, path in (line.partition("=") for line in ini["darkhost_adapter_paths"])
    }


def path_of(venue: LoadedVenue) -> AdapterPath:
    """Return what this repository's adapter appends for a venue."""
    return adapter_path(venue.spec, ini_overrides())


def test_there_are_ten_hosted_and_two_managed_venues():
    """No more and no fewer than the documentation names."""
    assert {name for name, venue in VENUES.items() if not venue.spec.managed} == set(CHAT_URLS)
    assert {name for name, venue in VENUES.items() if venue.spec.managed} == {"local", "local-anthropic"}


@each_hosted
def test_a_hosted_spec_resolves_to_the_chat_url_of_its_venue(name):
    """Base plus what the adapter appends is the documented URL."""
    venue = VENUES[name]
    assert resolved(venue.spec.base_url, path_of(venue).path) == CHAT_URLS[name]


def test_gemini_cannot_be_reached_without_its_override():
    """The override is the adapter's: without it no base URL can be right."""
    spec = VENUES["gemini"].spec
    assert resolved(spec.base_url, DEFAULT_PATHS["openai"]) != CHAT_URLS["gemini"]
    assert "gemini = /chat/completions" in path_of(VENUES["gemini"]).origin


@pytest.mark.parametrize(("name", "base"), WRONG_BASES)
def test_bases_that_look_right_are_different(name, base):
    """Doubled and missing prefixes, and hosts of other regions, are neither the same nor aliases."""
    venue = VENUES[name]
    path = path_of(venue).path
    assert sameness(venue.spec, path, resolved(base, path)) is Sameness.DIFFERENT


@pytest.mark.parametrize(("name", "url"), ALIASES)
def test_other_urls_of_one_venue_are_known(name, url):
    """An alias is told from the spec's own URL and from a wrong one."""
    venue = VENUES[name]
    assert sameness(venue.spec, path_of(venue).path, url) is Sameness.ALIAS
    assert sameness(venue.spec, path_of(venue).path, CHAT_URLS[name]) is Sameness.SAME


@each_venue
def test_a_spec_says_how_editors_check_it(name):
    """The first line names the schema, and the schema is there."""
    venue = VENUES[name]
    first = venue.path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../pytest_darkhost/venue-spec.schema.json"
    assert (venue.path.parent / first.partition("=")[2]).is_file()


@each_venue
def test_a_spec_has_models_and_honest_figures(name):
    """Three models in the first ring, sourced prices, slugs of the venue, and no prior that nobody measured."""
    spec = VENUES[name].spec
    assert len(spec.models) >= (3 if name in FIRST_RING else 1)
    for model in spec.models:
        assert model.slug.endswith(f"-{name}")
        assert model.price.source
        assert model.price.as_of == date(2026, 11, 22)
        assert model.q_prior is None
        assert model.m_allowed is None
        assert Capability.STREAM in model.capabilities
        # A 95th percentile takes 59 calls: no smoke test of a shipped spec pays for it.
        assert None not in model.latency_budget.model_dump(exclude={"ttft_p95_ms"}).values()


@each_venue
def test_the_whole_plan_fits_into_the_cap(name):
    """Every probe of every model, each at its ceilings, costs no more than the spec allows."""
    spec = VENUES[name].spec
    everything = frozenset({"model_list", "refused_key", *(template.name for template in TARGET_TEMPLATES)})
    owners = [Owner(name), *(Owner(name, model.slug) for model in spec.models)]
    plan = make_plan([spec], dict.fromkeys(owners, everything), nonce="0123456789abcdef")
    assert len(plan.probes) >= 9 * len(spec.models)
    assert plan.worst_case_usd <= (spec.max_cost_usd if spec.max_cost_usd is not None else Decimal(0))


@each_venue
def test_reasoning_models_may_reason(name):
    """Reasoning counts towards a ceiling, so that a small one leaves no answer."""
    for model in VENUES[name].spec.models:
        if Capability.REASONING in model.capabilities:
            assert min(model.token_ceilings.model_dump().values()) >= 512


def test_the_local_venues_share_one_process():
    """Their `serve` is the same to the letter, and they cost nothing."""
    local, other = VENUES["local"].spec, VENUES["local-anthropic"].spec
    assert local.serve == other.serve
    assert local.lane == other.lane
    assert {model.price.in_per_mtok_usd for spec in (local, other) for model in spec.models} == {Decimal(0)}
    assert {spec.dialect.value for spec in (local, other)} == {"openai", "anthropic"}


@each_hosted
def test_what_is_not_settled_is_marked(name):
    """A spec whose facts are only reported says so where it uses them."""
    unsettled = {"deepinfra", "together", "fireworks", "novita", "anthropic", "openai", "gemini", "xai"}
    text = VENUES[name].path.read_text(encoding="utf-8").lower()
    assert ("probe first" in text) == (name in unsettled)
