"""
The 95th percentile of the time to the first token, with its interval or not at all.

The median is `bounds`' matter. A spec that sets this budget with fewer streams than its interval needs is refused.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from pytest_darkhost.checks.bounds import rounded
from pytest_darkhost.checks.samples import percentile_ranks
from pytest_darkhost.checks.texts import number
from pytest_darkhost.specs.target_settings import FEWEST_FOR_P95
from pytest_darkhost.verdicts import JSON, Failed, NotJudged, Passed, ReasonCode, Verdict

_SHARE = 0.95


def with_tail(verdict: Verdict, values: Sequence[float], budget_ms: float | None) -> Verdict:
    """Return the worse of a verdict on the median and that on the 95th percentile, with the figures of both."""
    if budget_ms is None:
        return verdict
    tail = _judged(sorted(values), budget_ms)
    no_median_budget = isinstance(verdict, NotJudged) and verdict.code == ReasonCode.NOT_APPLICABLE
    worse = tail if no_median_budget or _weight(tail) > _weight(verdict) else verdict
    return replace(worse, figures={**verdict.figures, **tail.figures})


def _judged(ordered: Sequence[float], budget_ms: float) -> Verdict:
    ranks = percentile_ranks(len(ordered), _SHARE)
    if ranks is None:
        words = f"{len(ordered)} streams can be used, expected at least {FEWEST_FOR_P95} for the 95th percentile"
        return NotJudged(ReasonCode.TOO_FEW_SAMPLES, words, figures={"p95_budget_ms": rounded(budget_ms)})
    low, high = (ordered[rank - 1] for rank in ranks)
    p95 = ordered[ceil(_SHARE * len(ordered)) - 1]
    named = {"p95_ms": p95, "p95_low_ms": low, "p95_high_ms": high, "p95_budget_ms": budget_ms}
    figures: dict[str, JSON] = {name: rounded(value) for name, value in named.items()}
    expected = f"95th percentile of the time to the first token at most {number(budget_ms)} ms"
    actual = f"{number(p95)} ms (n={len(ordered)}, 95 % interval {number(low)} to {number(high)} ms)"
    if high <= budget_ms:
        return Passed(expected, actual, figures=figures)
    if low > budget_ms:
        return Failed(expected, actual, figures=figures)
    return NotJudged(ReasonCode.TOO_CLOSE, f"{actual}: on both sides of the budget, {expected}", figures=figures)


def _weight(verdict: Verdict) -> int:
    return (Passed, NotJudged, Failed).index(type(verdict))
