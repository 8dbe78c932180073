"""
The text of a new spec. Whatever came from outside stands quoted where YAML could read it otherwise.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from pytest_darkhost.commands.new_venue.offers import Offer
from pytest_darkhost.commands.new_venue.wanted import Host
from pytest_darkhost.commands.templates import filled

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"})
_OF_CAPABILITIES = frozenset({"tool", "json_schema"})
_SHIPPED, _NEW = "What is not of models is as in the spec that pytest-darkhost ships.", "Nothing was measured yet."
_NEW_ERRORS = """\
# What the venue answers to a wrong key and to a model that it has not: probe first, then narrow these down.
errors:
  refused_key: {status: [401, 403]}
  unknown_model: {status: [400, 404]}
"""
_CAPABILITIES = """\
  # What is not declared is not checked, and not paid for: add tools, json_schema and reasoning where models have them.
  capabilities: [stream]
"""
_NEW_DEFAULTS = """\
  # Reasoning counts towards a ceiling: with a small one a reasoning model answers nothing.
  token_ceilings: {chat: 512, stream: 768}
  # Starting points for a smoke test, not promises of the venue: tighten them once you have measured.
  latency_budget: {cold_ms: 12000, warm_ms: 8000, ttft_ms: 2500}
"""


def spec_text(host: Host, offers: Sequence[Offer], *, day: date, schema: str, url_comment: str = "") -> str:
    """Return the text of a spec; models without a price stand in comments."""
    head = filled(
        __package__,
        "head.yaml",
        schema=schema,
        day=day.isoformat(),
        origin=_SHIPPED if host.shipped else _NEW,
        venue=scalar(host.name),
        dialect=host.dialect,
        base_url_comment=url_comment,
        base_url=scalar(host.base_url or ""),
        variables=f"[{', '.join(host.variables)}]",
        settings=_settings(host.settings),
    )
    entries = "".join(entry for offer in offers for entry in _entry(offer, day))
    return f"{head.rstrip()}\n\nmodels:\n{entries}"


def scalar(value: str) -> str:
    """Return a text as a YAML scalar: plain where that is safe, else in double quotes."""
    safe = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return value if safe else json.dumps(value, ensure_ascii=False)


def _settings(given: Mapping[str, Any]) -> str:
    defaults = _fitting(given.get("defaults", {}))
    before = {key: given[key] for key in ("aliases", "auth", "headers", "ceilings") if key in given}
    errors = _dumped({"errors": given["errors"]}) if "errors" in given else _NEW_ERRORS
    own = _indented(_dumped(defaults)) if defaults else _NEW_DEFAULTS
    return f"{_dumped(before) if before else ''}{errors}\ndefaults:\n{_CAPABILITIES}{own}"


def _fitting(defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the shipped defaults without what only the capabilities have that are not declared here."""
    kept = {key: value for key, value in defaults.items() if key != "capabilities"}
    ceilings = kept.get("token_ceilings", {})
    if ceilings:
        kept["token_ceilings"] = {key: value for key, value in ceilings.items() if key not in _OF_CAPABILITIES}
    return kept


def _dumped(value: Mapping[str, Any]) -> str:
    return yaml.safe_dump(_short(dict(value)), sort_keys=False, default_flow_style=None, allow_unicode=True, width=110)


def _short(value: Any) -> Any:
    """Return plain data with whole numbers as such: 8000 and not 8000.0."""
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_short(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


def _entry(offer: Offer, day: date) -> Iterator[str]:
    if not offer.prices:
        yield "  # No list has a price of this model. Read it at the venue, fill it in, and take the signs away:\n"
        for line in _lines(offer, day):
            yield f"  # {line}\n"
        return
    if offer.disagree:
        yield "  # PRICES DISAGREE. The first is written: ask the venue's own page.\n"
        for price in offer.prices:
            yield f"  #   {price.source}: {_usd(price.input_usd)} in, {_usd(price.output_usd)} out\n"
    for line in _lines(offer, day):
        yield f"  {line}\n"


def _lines(offer: Offer, day: date) -> Iterator[str]:
    yield f"- slug: {scalar(offer.slug)}"
    yield f"  upstream_model: {scalar(offer.upstream)}"
    yield f"  brand: {scalar(offer.brand)}" + ("" if offer.brand_is_known else "  # a guess: say who made it")
    yield from (f"  {line}" for line in _gates(offer))
    yield "  price:"
    yield from (f"    {line}" for line in _price(offer, day))


def _gates(offer: Offer) -> Iterator[str]:
    """Yield what the catalog's row says beside the price. What it does not say is never made up."""
    row = offer.row
    if row and row.q_prior is not None:
        yield f"q_prior: {row.q_prior!r}"
    if row and row.m_allowed is not None:
        yield f"m_allowed: {json.dumps(row.m_allowed)}"
    if row and row.logical_slug:
        yield f"logical_slug: {scalar(row.logical_slug)}"


def _price(offer: Offer, day: date) -> Iterator[str]:
    first = offer.prices[0] if offer.prices else None
    if first is None:
        yield 'in_per_mtok_usd: ""'
        yield 'out_per_mtok_usd: ""'
        yield 'source: ""'
        yield f"as_of: {day.isoformat()}"
        return
    agreeing = [price for price in offer.prices if price.pair == first.pair]
    remarks = "; ".join(price.remark for price in agreeing if price.remark)
    yield f'in_per_mtok_usd: "{_usd(first.input_usd)}"'
    yield f'out_per_mtok_usd: "{_usd(first.output_usd)}"'
    if cached := next((price.cached_usd for price in agreeing if price.cached_usd is not None), None):
        yield f'cached_in_per_mtok_usd: "{_usd(cached)}"'
    source = scalar(" and ".join(price.source for price in agreeing))
    yield f"source: {source}" + (f"  # {remarks}" if remarks else "")
    yield f"as_of: {day.isoformat()}"


def _usd(amount: Decimal) -> str:
    """Return an amount with two places at least, and no exponent."""
    text = format(amount.normalize(), "f")
    places = len(text.partition(".")[2])
    return text if places >= 2 else format(amount, ".2f")
