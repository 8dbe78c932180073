"""
What lists say that a model costs: each price with its source and the day on which it was read.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_PER_MTOK = 1_000_000
_LITELLM_FILE = "model_prices_and_context_window_backup.json"


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """Prices in USD per million tokens."""

    input_usd: Decimal
    output_usd: Decimal
    source: str
    cached_usd: Decimal | None = None
    remark: str = ""

    @property
    def pair(self) -> tuple[Decimal, Decimal]:
        """What lists can disagree on."""
        return self.input_usd, self.output_usd


PriceList = Callable[[str], ListedPrice | None]
"""Given the name that a venue knows a model by, returns its price, or `None` where the list has none."""


def price_lists(venue: str, base_url: str) -> tuple[PriceList, ...]:
    """Return the lists that are installed, for one venue."""
    found: list[PriceList] = []
    if find_spec("genai_prices"):
        found.append(_GenaiPrices(venue, base_url))
    if find_spec("litellm"):
        found.append(_Litellm(venue))
    return tuple(found)


def today() -> date:
    """Return the day on which lists are read: UTC."""
    return datetime.now(UTC).date()


class _GenaiPrices:
    """The list that comes with the package genai-prices. It is not updated over the network."""

    def __init__(self, venue: str, base_url: str) -> None:
        self._places: tuple[dict[str, Any], ...] = ({"provider_id": venue}, {"provider_api_url": base_url})

    def __call__(self, upstream: str) -> ListedPrice | None:
        from genai_prices import Usage, calc_price

        for place in self._places:
            with suppress(LookupError):
                return _of_genai(calc_price(Usage(input_tokens=1, output_tokens=1), upstream, **place), upstream)
        return None


def _of_genai(found: Any, upstream: str) -> ListedPrice | None:
    price = found.model_price
    tiered = [name for name in ("input_mtok", "output_mtok") if hasattr(getattr(price, name), "base")]
    base = {name: _base(getattr(price, name)) for name in ("input_mtok", "output_mtok", "cache_read_mtok")}
    if base["input_mtok"] is None or base["output_mtok"] is None:
        return None
    remarks = [f"as {found.provider.id}/{found.model.id}"] if found.model.id.lower() != upstream.lower() else []
    remarks += ["dearer for long prompts"] if tiered else []
    remarks += ["announced to end"] if found.model.deprecated else []
    return ListedPrice(
        base["input_mtok"],
        base["output_mtok"],
        f"genai-prices {version('genai-prices')}",
        base["cache_read_mtok"],
        ", ".join(remarks),
    )


def _base(price: Any) -> Decimal | None:
    """Return a price, of several that depend on the length of the prompt the one of short ones."""
    value = getattr(price, "base", price)
    return None if value is None else Decimal(value)


class _Litellm:
    """The list within the package litellm, which is read as a file: to import the package takes seconds."""

    def __init__(self, venue: str) -> None:
        self._venue = venue.lower().replace("-", "_")

    def __call__(self, upstream: str) -> ListedPrice | None:
        for key in (f"{self._venue}/{upstream}", f"{self._venue}_ai/{upstream}", upstream):
            entry = self._entries.get(key)
            if isinstance(entry, dict) and str(entry.get("litellm_provider", "")).startswith(self._venue):
                return self._read(entry)
        return None

    @cached_property
    def _entries(self) -> Mapping[str, Any]:
        spec = find_spec("litellm")
        for place in (spec.submodule_search_locations if spec else None) or ():
            with suppress(OSError, ValueError):
                found = json.loads((Path(place) / _LITELLM_FILE).read_text(encoding="utf-8"), parse_float=Decimal)
                return found if isinstance(found, dict) else {}
        return {}

    @staticmethod
    def _read(entry: Mapping[str, Any]) -> ListedPrice | None:
        names = ("input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost")
        read, written, cached = (per_mtok(entry.get(name), _PER_MTOK) for name in names)
        if read is None or written is None:
            return None
        name = "litellm"
        with suppress(PackageNotFoundError):
            name += f" {version('litellm')}"
        return ListedPrice(read, written, name, cached)


def per_mtok(value: Any, factor: int | Decimal = 1) -> Decimal | None:
    """Return a number of a list in USD per million tokens, or `None` for what is no price."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        return None
    try:
        price = Decimal(str(value)) * factor
    except ArithmeticError:
        return None
    return round(price, 9).normalize() if price.is_finite() and 0 <= price < _PER_MTOK else None
