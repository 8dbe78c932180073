"""
The venue's own list of models: asked for with the venue's key, through the transport that probes go through.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pytest_darkhost.commands.new_venue.prices import ListedPrice, per_mtok
from pytest_darkhost.dialects.reading import read
from pytest_darkhost.dialects.requests import build
from pytest_darkhost.errors import UsageError
from pytest_darkhost.observations import Exchange, Observation
from pytest_darkhost.probes import Probe, ProbeName
from pytest_darkhost.runner.credentials import require_credential
from pytest_darkhost.secrets import Credential, Redactor
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.specs.resolution import AdapterPath

_SOURCE = "the venue's own list of models"
_NOVITA_UNIT = Decimal("0.0001")
_PER_TOKEN = 1_000_000


@dataclass(frozen=True, slots=True)
class Listing:
    """What a venue lists."""

    names: tuple[str, ...]
    """In the venue's order, those that cannot stand in a spec left out."""
    prices: Mapping[str, ListedPrice]
    """By name, where the list has any."""


def ask(spec: VenueSpec, path: AdapterPath) -> Listing:
    """
    Return the models that a venue lists. Sends one GET, which no venue bills, and follows no redirect.

    :raises CredentialError: the key is missing or malformed.
    :raises UsageError: the venue gives no list, or a proxy or certificate cannot be used.
    """
    from pytest_darkhost.transport.environment import check_environment

    credential = require_credential(spec, os.environ)
    check_environment([spec.base_url])
    probe = Probe(name=ProbeName.MODEL_LIST, venue=spec.venue, model=None)
    exchange = asyncio.run(_sent(spec, probe, path, credential))
    observation = read(spec, probe, exchange)
    if observation.listed_models is None or observation.error:
        msg = (
            f"{spec.venue}: no list of models from {exchange.url} ({_fault(observation, exchange)}). "
            "Name models with --model to write the spec without asking"
        )
        raise UsageError(msg)
    usable = tuple(dict.fromkeys(filter(_can_stand, observation.listed_models)))
    return Listing(usable, _told(exchange.body))


async def _sent(spec: VenueSpec, probe: Probe, path: AdapterPath, credential: Credential | None) -> Exchange:
    from pytest_darkhost.transport.client import TargetClient
    from pytest_darkhost.transport.clock import LoopLag

    redactor = Redactor().also(credential)
    async with (
        LoopLag() as lag,
        TargetClient(spec, credential=credential, redactor=redactor, lag=lag) as client,
    ):
        return await client.send(build(spec, probe, path))


def _fault(observation: Observation, exchange: Exchange) -> str:
    if observation.error:
        return f"{observation.error.kind}: {observation.error.message}"
    return f"status {exchange.status} with no such list"


def _can_stand(name: str) -> bool:
    return bool(name) and name == name.strip() and name.isprintable()


def _told(body: bytes) -> Mapping[str, ListedPrice]:
    """Return the prices in a list of models, in the forms in which venues give them."""
    try:
        whole = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return {}
    entries = whole if isinstance(whole, list) else whole.get("data") if isinstance(whole, dict) else None
    entries = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return {str(entry.get("id")): price for entry in entries if (price := _price(entry))}


def _price(entry: Mapping[str, Any]) -> ListedPrice | None:
    """
    Return the price of an entry. Zero for both is what venues say of models that they bill otherwise.

    Together: `pricing.input`, DeepInfra: `metadata.pricing.input_tokens`, both USD per million; OpenRouter:
    `pricing.prompt`, USD per token; Novita: `input_token_price_per_m`, USD per million times 10,000.
    """
    own, nested = _mapping(entry, "pricing"), _mapping(_mapping(entry, "metadata"), "pricing")
    pairs = (
        (per_mtok(own.get("input")), per_mtok(own.get("output"))),
        (per_mtok(nested.get("input_tokens")), per_mtok(nested.get("output_tokens"))),
        (per_mtok(own.get("prompt"), _PER_TOKEN), per_mtok(own.get("completion"), _PER_TOKEN)),
        tuple(per_mtok(entry.get(f"{way}_token_price_per_m"), _NOVITA_UNIT) for way in ("input", "output")),
    )
    found = next(((read, written) for read, written in pairs if read is not None and written is not None), None)
    return ListedPrice(*found, _SOURCE) if found and any(found) else None


def _mapping(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}
