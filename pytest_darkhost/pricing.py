"""
What tokens cost at a spec's prices. `Decimal` throughout: prices are decimal numbers, and floats are not.
"""

from decimal import Decimal
from typing import TYPE_CHECKING

from pytest_darkhost.specs.models import Price

if TYPE_CHECKING:
    from pytest_darkhost.observations import Usage

_PER_MTOK = Decimal(1_000_000)


def tokens_usd(price: Price, input_tokens: int, output_tokens: int) -> Decimal:
    """Return the price in USD of so many tokens, none of them cached."""
    return (input_tokens * price.in_per_mtok_usd + output_tokens * price.out_per_mtok_usd) / _PER_MTOK


def billed_usd(price: Price, usage: "Usage") -> Decimal:
    """
    Return what a call with this usage costs in USD.

    Cached input is charged at its own price where the spec gives one. Output is
    `Usage.billed_output_tokens`, because some venues leave reasoning out of the output count only.
    """
    cached = min(usage.cached_input_tokens or 0, usage.input_tokens)
    cached_price = price.in_per_mtok_usd if price.cached_in_per_mtok_usd is None else price.cached_in_per_mtok_usd
    discount = cached * (price.in_per_mtok_usd - cached_price) / _PER_MTOK
    return tokens_usd(price, usage.input_tokens, usage.billed_output_tokens) - discount
