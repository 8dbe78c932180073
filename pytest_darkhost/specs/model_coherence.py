"""
What the models of a spec must be to each other and to the venue's defaults. See `coherence` for how rules read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pytest_darkhost.specs.coherence import Finding, mapping, sequence, text
from pytest_darkhost.specs.shown import KeyPath, shown
from pytest_darkhost.specs.target_settings import FEWEST_FOR_P95, Samples

_P95 = "ttft_p95_ms"
_STREAM_BUDGETS = ("ttft_ms", _P95, "inter_token_latency_ms", "tokens_per_second_min")
_CEILINGS = {"stream": "stream", "tool": "tools", "json_schema": "json_schema"}
_OWNED = {
    "model": "upstream_model",
    "max_tokens": "token_ceilings",
    "max_completion_tokens": "token_ceilings",
    "max_output_tokens": "token_ceilings",
    "temperature": "quirks.temperature",
    "stream_options": "quirks.stream_usage_option",
    # What multiplies or lifts the ceilings would make the planned worst case untrue.
    **dict.fromkeys(
        ("best_of", "num_return_sequences", "n_predict", "max_new_tokens", "min_tokens", "ignore_eos"), "token_ceilings"
    ),
    **dict.fromkeys(("functions", "plugins", "web_search_options", "service_tier"), "the price"),
    **dict.fromkeys(("messages", "system", "stream", "n", "tools", "tool_choice", "response_format"), "the probe"),
}


def model_findings(spec: Mapping[str, Any], line_of: "Mapping[KeyPath, int]") -> Iterator[Finding]:
    """Yield what is wrong between models, and between a model's settings. `line_of` gives the line of a key path."""
    models = list(enumerate(sequence(spec, "models")))
    for key in ("slug", "upstream_model"):
        yield from _twice(models, key, line_of)
    defaults = mapping(spec, "defaults")
    capabilities = [_capabilities(model, defaults) for _, model in models]
    for (index, model), has in zip(models, capabilities, strict=True):
        yield from _settings(("models", index), model, has, "the model does not declare")
    yield from _settings(("defaults",), defaults, set().union(*capabilities), "no model declares")
    yield from dict(_too_few_for_p95(models, defaults)).items()
    yield from dict(_no_warm_chat(models, defaults, capabilities)).items()


def _too_few_for_p95(models: list[tuple[int, Any]], defaults: Mapping[str, Any]) -> Iterator[Finding]:
    default_budget, default_samples = mapping(defaults, "latency_budget"), mapping(defaults, "samples")
    for index, model in models:
        own = mapping(model, "latency_budget")
        path: KeyPath = ("models", index) if _P95 in own else ("defaults",)
        streams = mapping(model, "samples").get("stream", default_samples.get("stream", Samples().stream))
        budget = own.get(_P95, default_budget.get(_P95))
        if budget is not None and isinstance(streams, int) and streams < FEWEST_FOR_P95:
            words = f"a 95th percentile of {streams} streams, expected of at least {FEWEST_FOR_P95}"
            yield (*path, "latency_budget", _P95), f"{words}: its interval needs them. Set samples.stream"


def _no_warm_chat(
    models: list[tuple[int, Any]], defaults: Mapping[str, Any], capabilities: list[set[str]]
) -> Iterator[Finding]:
    given = mapping(defaults, "samples").get("warm")
    for (index, model), has in zip(models, capabilities, strict=True):
        own = mapping(model, "samples")
        path: KeyPath = ("models", index) if "warm" in own else ("defaults",)
        if own.get("warm", given) == 0 and "stream" not in has:
            words = f"no warm chat, expected at least 1: {shown(text(model, 'slug'))} does not declare 'stream'"
            yield (*path, "samples", "warm"), words


def _twice(models: list[tuple[int, Any]], key: str, line_of: Mapping[KeyPath, int]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, model in models:
        name = text(model, key)
        if name and name in first:
            line = line_of.get(("models", first[name], key), 1)
            yield ("models", index, key), f"{shown(name)} is there twice, expected once. The first is in line {line}"
        first.setdefault(name, index)


def _capabilities(model: Any, defaults: Mapping[str, Any]) -> set[str]:
    own = isinstance(model, dict) and model.get("capabilities") is not None
    return {name for name in sequence(model if own else defaults, "capabilities") if isinstance(name, str)}


def _settings(path: KeyPath, settings: Any, has: set[str], lacks: str) -> Iterator[Finding]:
    budget = mapping(settings, "latency_budget")
    for key in _STREAM_BUDGETS:
        if budget.get(key) is not None and "stream" not in has:
            where = (*path, "latency_budget", key)
            yield where, f"a budget of streams, expected none: {lacks} the capability 'stream'"
    for key, capability in _CEILINGS.items():
        if key in mapping(settings, "token_ceilings") and capability not in has:
            where = (*path, "token_ceilings", key)
            yield where, f"a ceiling of calls that are not made, expected none: {lacks} the capability {capability!r}"
    for key in mapping(settings, "extra_body"):
        if key in _OWNED:
            yield (*path, "extra_body", key), f"a field that is set already, expected another. See {_OWNED[key]}"
