"""
Statistics of a handful of samples: median, range, and the side of a budget on which they lie.

Of other percentiles the 95th alone is given, where a spec asks for it with enough calls: its two-sided 95 % interval
needs 59.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb
from statistics import median

CONFIDENCE = 0.95


class Side(StrEnum):
    """Where samples lie about a budget."""

    WITHIN = "within"
    OUTSIDE = "outside"
    ACROSS = "across"


@dataclass(frozen=True, slots=True)
class Summary:
    """What is said of samples, in their own unit."""

    n: int
    median: float
    minimum: float
    maximum: float
    low: float | None
    """Lower end of the interval of the median; `None` below six samples."""
    high: float | None


def interval_rank(n: int) -> int | None:
    """
    Return the rank k for which the k-th smallest and k-th largest of n samples enclose the median in 95 of 100 runs.

    The number of samples below the median is binomial (n, 1/2), whatever the distribution, so the coverage is
    1 - 2 P(X < k) (David and Nagaraja, Order Statistics, 7.1). The greatest such k; `None` where there is none.
    """
    tail, rank = 0, 0
    while rank < n:
        tail += comb(n, rank)
        if 1 - 2 * tail / 2**n < CONFIDENCE:
            break
        rank += 1
    return rank or None


def percentile_ranks(n: int, share: float) -> tuple[int, int] | None:
    """
    Return ranks for which the one-th and the other-th smallest of n samples enclose a percentile in 95 of 100 runs.

    The number of samples below the percentile is binomial (n, share), as for `interval_rank`. From the whole range,
    the end that is cheaper to give up is drawn in as long as the coverage allows. `None` where it has too little.
    """
    chances = [comb(n, below) * share**below * (1 - share) ** (n - below) for below in range(n + 1)]
    low, high = 1, n
    coverage = sum(chances[low:high])
    if coverage < CONFIDENCE:
        return None
    while low < high - 1:
        cheaper = min(chances[low], chances[high - 1])
        if coverage - cheaper < CONFIDENCE:
            break
        coverage -= cheaper
        low, high = (low + 1, high) if chances[low] == cheaper else (low, high - 1)
    return low, high


def summary(values: Sequence[float]) -> Summary:
    """Return the summary of at least one value."""
    ordered = sorted(values)
    rank = interval_rank(len(ordered))
    low, high = (None, None) if rank is None else (ordered[rank - 1], ordered[-rank])
    return Summary(len(ordered), median(ordered), ordered[0], ordered[-1], low, high)


def side(values: Sequence[float], budget: float, *, at_least: bool = False) -> Side:
    """
    Return on which side of a budget the median surely lies.

    From six samples on, the interval of the median decides; below, all samples must lie on one side.

    :param at_least: the budget is a lower bound, not an upper one.
    """
    told = summary(values)
    ends = (told.minimum, told.maximum) if told.low is None or told.high is None else (told.low, told.high)
    within = [end >= budget if at_least else end <= budget for end in ends]
    if all(within):
        return Side.WITHIN
    return Side.ACROSS if any(within) else Side.OUTSIDE
