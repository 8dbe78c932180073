"""
Statistics of few samples, against tables of the binomial distribution.
"""

import random

import pytest

from pytest_darkhost.checks.samples import Side, interval_rank, side, summary
from pytest_darkhost.specs.target_settings import FEWEST_FOR_INTERVAL

# Ranks of the 95 % interval of the median, as tabulated (Conover, Practical Nonparametric Statistics, table A3).
RANKS = {6: 1, 7: 1, 8: 1, 9: 2, 10: 2, 11: 2, 12: 3, 15: 4, 20: 6, 25: 8, 30: 10, 100: 40}


@pytest.mark.parametrize(("n", "rank"), RANKS.items())
def test_the_rank_is_that_of_the_tables(n: int, rank: int) -> None:
    """The interval reaches from the rank-th smallest to the rank-th largest sample."""
    assert interval_rank(n) == rank


@pytest.mark.parametrize("n", range(FEWEST_FOR_INTERVAL))
def test_below_six_samples_there_is_no_interval(n: int) -> None:
    """Not even the whole range of five samples encloses the median in 95 of 100 runs."""
    assert interval_rank(n) is None


@pytest.mark.parametrize("n", [6, 10, 23])
def test_the_interval_covers_the_median_as_often_as_it_says(n: int) -> None:
    """In 4,000 draws from a skewed distribution, the interval misses its median in at most 5 % plus three sigma."""
    draw, missed, runs = random.Random(n), 0, 4000
    for _ in range(runs):
        told = summary([draw.expovariate(1.0) for _ in range(n)])
        missed += not told.low <= 0.6931471805599453 <= told.high

    assert missed / runs <= 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5


def test_six_samples_give_their_range() -> None:
    """With six samples the interval is the whole range."""
    told = summary([5.0, 1.0, 4.0, 2.0, 3.0, 9.0])

    assert (told.n, told.median, told.minimum, told.maximum, told.low, told.high) == (6, 3.5, 1.0, 9.0, 1.0, 9.0)


def test_ten_samples_give_the_second_and_ninth() -> None:
    """With ten samples the interval leaves out one at each end."""
    told = summary([float(n) for n in range(1, 11)])

    assert (told.low, told.high) == (2.0, 9.0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([10.0], Side.WITHIN),
        ([10.1], Side.OUTSIDE),
        ([1.0, 2.0, 10.0], Side.WITHIN),
        ([1.0, 2.0, 11.0], Side.ACROSS),
        ([11.0, 12.0, 13.0], Side.OUTSIDE),
        ([1.0, 2.0, 3.0, 4.0, 5.0, 11.0], Side.ACROSS),
        ([1.0] * 9 + [99.0], Side.WITHIN),
        ([99.0] * 9 + [1.0], Side.OUTSIDE),
        ([1.0] * 8 + [99.0, 99.0], Side.ACROSS),
    ],
    ids=str,
)
def test_the_side_of_an_upper_bound(values: list[float], expected: Side) -> None:
    """All of few samples, or the whole interval of many, must lie on one side of 10."""
    assert side(values, 10.0) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [([10.0, 50.0], Side.WITHIN), ([9.9, 50.0], Side.ACROSS), ([9.9, 1.0], Side.OUTSIDE)],
    ids=str,
)
def test_the_side_of_a_lower_bound(values: list[float], expected: Side) -> None:
    """A lower bound turns the rule round."""
    assert side(values, 10.0, at_least=True) is expected
