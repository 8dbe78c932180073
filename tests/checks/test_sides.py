"""
Properties of the rule that judges samples, by trying every case of up to twelve of them.

The rule itself is told a second time here, by counting: a budget is kept or not by each sample alone.
"""

from itertools import permutations, product
from math import comb

import pytest

from pytest_darkhost.checks.samples import CONFIDENCE, Side, interval_rank, side
from pytest_darkhost.specs.target_settings import FEWEST_FOR_INTERVAL

BUDGET = 10.0
NUMBERS = range(1, 13)
ORDER = (Side.WITHIN, Side.ACROSS, Side.OUTSIDE)
"""From the best to the worst."""


def samples(kept: int, n: int) -> list[float]:
    """Return n different samples of which so many keep the budget, the last of them exactly."""
    return [BUDGET - step for step in range(kept)] + [BUDGET + 0.5 + step for step in range(n - kept)]


def told(kept: int, n: int) -> Side:
    """
    Return the rule by counting.

    From six samples on, the interval of the median lies within when its upper end does: at most rank - 1 samples
    exceed the budget. Below, every sample must keep it.
    """
    few = n < FEWEST_FOR_INTERVAL
    spare = 0 if few else (interval_rank(n) or 0) - 1
    if n - kept <= spare:
        return Side.WITHIN
    return Side.OUTSIDE if kept <= spare else Side.ACROSS


@pytest.mark.parametrize("n", NUMBERS)
def test_the_side_depends_on_the_number_of_samples_within(n: int) -> None:
    """Every number of samples that keep the budget, for every n."""
    assert [side(samples(kept, n), BUDGET) for kept in range(n + 1)] == [told(kept, n) for kept in range(n + 1)]


@pytest.mark.parametrize("n", NUMBERS)
def test_a_lower_bound_is_the_mirror_of_an_upper_one(n: int) -> None:
    """What keeps an upper bound keeps, with its sign turned, the lower one."""
    for kept in range(n + 1):
        values = samples(kept, n)
        assert side([-value for value in values], -BUDGET, at_least=True) is side(values, BUDGET)


@pytest.mark.parametrize("n", range(1, 7))
def test_the_order_of_the_calls_does_not_matter(n: int) -> None:
    """Every permutation of up to six samples is judged alike."""
    for kept in range(n + 1):
        values = samples(kept, n)
        assert {side(order, BUDGET) for order in permutations(values)} == {side(values, BUDGET)}


@pytest.mark.parametrize("n", NUMBERS)
def test_a_slower_sample_never_helps(n: int) -> None:
    """Each step of one sample over the budget leaves the verdict or makes it worse, through all three for n > 1."""
    ranks = [ORDER.index(side(samples(kept, n), BUDGET)) for kept in range(n, -1, -1)]

    assert ranks == sorted(ranks)
    assert set(ranks) == ({0, 2} if n == 1 else {0, 1, 2})


@pytest.mark.parametrize("n", NUMBERS)
def test_a_venue_on_the_wrong_side_is_misjudged_as_rarely_as_promised(n: int) -> None:
    """
    A venue whose median lies over the budget keeps it with each call by a chance of at most one half.

    Over all 2**n ways in which the calls fall, it passes in no more than 2.5 % from six samples on, and below in no
    more than one in 2**n. By symmetry the same holds for a fast venue that fails.
    """
    passed = sum(told(sum(way), n) is Side.WITHIN for way in product((False, True), repeat=n))
    allowed = (1 - CONFIDENCE) / 2 if n >= FEWEST_FOR_INTERVAL else 0.5**n

    assert passed / 2**n <= allowed


@pytest.mark.parametrize("n", range(FEWEST_FOR_INTERVAL, 101))
def test_the_interval_is_no_wider_than_it_must_be(n: int) -> None:
    """One rank further in, the interval would cover the median too rarely; as it is, it covers it."""
    rank = interval_rank(n) or 0

    def coverage(rank: int) -> float:
        return 1 - 2 * sum(comb(n, below) for below in range(rank)) / 2**n

    assert coverage(rank) >= CONFIDENCE > coverage(rank + 1)


@pytest.mark.parametrize("scale", [0.001, 3.0, 86_400_000.0])
def test_the_unit_does_not_matter(scale: float) -> None:
    """Samples and budget in another unit give the same side."""
    for n in NUMBERS:
        for kept in range(n + 1):
            values = samples(kept, n)
            assert side([value * scale for value in values], BUDGET * scale) is side(values, BUDGET)
