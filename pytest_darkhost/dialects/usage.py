"""
Token counts of both dialects become `Usage`. Judges no arithmetic: that is a check's.
"""

import math
from decimal import Decimal

from pytest_darkhost.dialects.nodes import Node
from pytest_darkhost.observations import Usage

_TICKS_PER_USD = Decimal(10_000_000_000)
"""xAI's `cost_in_usd_ticks`."""


def openai_usage(node: Node) -> Usage | None:
    """
    Return the usage of a Chat Completions object; `None` where it is missing, null or unusable.

    Reasoning and cached tokens stand in the details objects, or beside the totals (Together). A cost in USD
    is given by DeepInfra (`estimated_cost`), OpenRouter (`cost`) and xAI (`cost_in_usd_ticks`).
    """
    if node.absent or not node.is_object():
        return None
    counts = node.member("prompt_tokens").count(), node.member("completion_tokens").count()
    total = node.member("total_tokens").count()
    reasoning = _detail(node, "completion_tokens_details", "reasoning_tokens")
    cached = _detail(node, "prompt_tokens_details", "cached_tokens")
    if counts[0] is None or counts[1] is None:
        return None
    return Usage(counts[0], counts[1], total, reasoning, cached, _cost_usd(node))


def anthropic_usage(node: Node) -> Usage | None:
    """
    Return the usage of a Messages object; `None` where it is missing, null or unusable.

    Anthropic counts cached input beside `input_tokens`, not within it, so the three are added.
    """
    if node.absent or not node.is_object():
        return None
    fresh, output = node.member("input_tokens").count(), node.member("output_tokens").count()
    written = node.member("cache_creation_input_tokens").optional_count()
    cached = node.member("cache_read_input_tokens").optional_count()
    reasoning = _detail(node, "output_tokens_details", "thinking_tokens")
    if fresh is None or output is None:
        return None
    return Usage(fresh + (written or 0) + (cached or 0), output, None, reasoning, cached)


def _detail(node: Node, group: str, name: str) -> int | None:
    """Return a count of a details object, or of the same name beside the totals."""
    details = node.member(group)
    if not details.absent and details.is_object() and not details.member(name).absent:
        return details.member(name).count()
    return node.member(name).optional_count()


def _cost_usd(node: Node) -> Decimal | None:
    dollars, ticks = _amount(node.member("estimated_cost")), _amount(node.member("cost_in_usd_ticks"))
    if dollars is None and isinstance(node.member("cost").value, (int, float)):
        # Other venues have an object of this name, which is no amount and no fault.
        dollars = _amount(node.member("cost"))
    if dollars is not None or ticks is None:
        return dollars
    return ticks / _TICKS_PER_USD


def _amount(node: Node) -> Decimal | None:
    """Return a number as the decimal that was written; `None` where there is none, and a fault for anything else."""
    value = node.value
    if node.absent:
        return None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not 0 <= value < 10**20 or not math.isfinite(value):
        node.fault("an amount")
        return None
    return Decimal(repr(value))
