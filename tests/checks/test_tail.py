"""The 95th percentile is judged by its order-statistic interval, and is never given without."""

from math import comb

import pytest

from checks.factory import BUDGET, changed, judged, make_case, make_model, with_timeline
from pytest_darkhost.checks.samples import CONFIDENCE, percentile_ranks
from pytest_darkhost.checks.tail import with_tail
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.specs.target_settings import FEWEST_FOR_P95, LatencyBudget, Samples
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, Verdict

PASSED = Passed("the median", "fine", figures={"median_ms": 1.0})
UNJUDGED = NotJudged("too_close", "median", figures={"median_ms": 1.0})


def coverage(n: int, share: float, low: int, high: int) -> float:
    """Return how often the interval holds the percentile: as many samples as its ranks allow lie below it."""
    return sum(comb(n, below) * share**below * (1 - share) ** (n - below) for below in range(low, high))


@pytest.mark.parametrize("share", [0.5, 0.75, 0.9, 0.95])
def test_the_fewest_samples_are_those_of_the_tables(share: float) -> None:
    """6, 11, 29 and 59 samples for the 50th, 75th, 90th and 95th percentile."""
    fewest = next(n for n in range(1, 400) if percentile_ranks(n, share))

    assert fewest == {0.5: 6, 0.75: 11, 0.9: 29, 0.95: FEWEST_FOR_P95}[share]


@pytest.mark.parametrize("n", range(FEWEST_FOR_P95, 101))
def test_the_interval_covers_the_percentile_and_is_no_wider(n: int) -> None:
    """Drawn in by one rank at either end, it would cover it too rarely."""
    low, high = percentile_ranks(n, 0.95) or (0, 0)

    assert coverage(n, 0.95, low, high) >= CONFIDENCE
    assert coverage(n, 0.95, low + 1, high) < CONFIDENCE
    assert coverage(n, 0.95, low, high - 1) < CONFIDENCE


@pytest.mark.parametrize(
    ("slow", "kind"),
    [(0, Passed), (1, NotJudged), (3, NotJudged), (8, NotJudged), (12, Failed), (59, Failed)],
)
def test_sides_of_the_budget(slow: int, kind: type) -> None:
    """Of 59 streams one slow one leaves the percentile open, and a dozen prove it."""
    verdict = with_tail(PASSED, [100.0] * (59 - slow) + [900.0] * slow, 500.0)

    assert type(verdict) is kind
    assert kind is not NotJudged or verdict.code == "too_close"
    assert verdict.figures.keys() == {"median_ms", "p95_ms", "p95_low_ms", "p95_high_ms", "p95_budget_ms"}


def test_too_few_streams_that_can_be_used_are_no_percentile() -> None:
    """Our own lag may have spoiled some: no percentile is given then."""
    verdict = with_tail(PASSED, [100.0] * 58, 500.0)

    assert verdict.code == "too_few_samples"
    assert verdict.reason == "58 streams can be used, expected at least 59 for the 95th percentile"
    assert verdict.figures == {"median_ms": 1.0, "p95_budget_ms": 500.0}


@pytest.mark.parametrize(
    ("median", "slow", "kind"),
    [
        (PASSED, 0, Passed),
        (PASSED, 59, Failed),
        (UNJUDGED, 0, NotJudged),
        (UNJUDGED, 59, Failed),
        (Failed("a", "b"), 0, Failed),
        (NotJudged("not_applicable", "no budget"), 0, Passed),
        (NotJudged("not_applicable", "no budget"), 5, NotJudged),
    ],
)
def test_the_worse_of_both_counts(median: Verdict, slow: int, kind: type) -> None:
    """A median without a budget has no say."""
    assert type(with_tail(median, [100.0] * (59 - slow) + [900.0] * slow, 500.0)) is kind


def test_without_a_budget_nothing_is_said() -> None:
    """Nor is a percentile given."""
    assert with_tail(PASSED, [1.0] * 100, None) is PASSED


def test_the_check_reads_the_budget() -> None:
    """Sixty streams at 300 ms keep 500 ms, and exceed 200 ms."""
    for budget_ms, kind in ((500.0, Passed), (200.0, Failed)):
        model = make_model(
            samples=Samples(warm=1, stream=60),
            latency_budget=LatencyBudget(**{**BUDGET.model_dump(), "ttft_p95_ms": budget_ms}),
        )
        verdict = judged(changed(make_case(model), (P.STREAM,), with_timeline()))["ttft"]
        assert isinstance(verdict, kind)
        assert verdict.figures["p95_ms"] == 300.0
