"""
Money: spec prices times billed tokens, against the venue's own figure and our ceilings.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from checks.factory import CHATS, broken, changed, judged, make_case, make_model, with_usage
from pytest_darkhost.checks.case import Case
from pytest_darkhost.observations import ErrorKind, Observation, Usage
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.specs.models import Price
from pytest_darkhost.specs.target_settings import Quirks
from pytest_darkhost.verdicts import Failed, Passed

# grok-4-fast: 9 fresh, 156 cached and 127 billed output tokens are 731,000 ticks of 1e-10 USD.
GROK = Price(
    in_per_mtok_usd=Decimal("0.20"),
    out_per_mtok_usd=Decimal("0.50"),
    cached_in_per_mtok_usd=Decimal("0.05"),
    source="composed",
    as_of=date(2026, 11, 1),
)
GROK_USAGE = Usage(165, 2, 292, reasoning_tokens=125, cached_input_tokens=156, cost_usd=Decimal("0.0000731"))


def only(case: Case, name: str, usage: Usage | None) -> Case:
    """Return a case in which one call of one probe reports this usage, and no other call any."""

    def change(seen: Observation) -> Observation:
        mine = seen.probe.name == name and seen.probe.sample == 1
        ceilings = replace(seen.probe, output_token_ceiling=200, input_token_ceiling=600)
        return replace(seen, probe=ceilings, usage=usage if mine else None)

    return changed(case, tuple(case.observations.by_probe), change)


def grok(usage: Usage) -> Case:
    """Return a case of the composed grok model whose cold chat reports this usage."""
    return only(make_case(make_model(price=GROK, quirks=Quirks(usage_total_is_sum=False))), P.COLD, usage)


def test_the_cost_is_that_of_the_venues_own_ticks() -> None:
    """Cached input at its own price, reasoning billed as output: exactly the venue's figure."""
    verdict = judged(grok(GROK_USAGE))["cost"]

    assert isinstance(verdict, Passed)
    assert verdict.figures == {
        "cost_usd": "0.0000731",
        "n": 1,
        "venue_cost_usd": "0.0000731",
        "n_venue_cost": 1,
    }
    assert verdict.actual == "$0.0000731 for 1 call; the venue says so in 1 call"


@pytest.mark.parametrize(
    ("own", "kind"),
    [("0.0000731", Passed), ("0.0000738", Passed), ("0.0000724", Passed), ("0.0000741", Failed), ("0.0000720", Failed)],
)
def test_one_percent_is_allowed(own: str, kind: type) -> None:
    """The venue's figure may be off by 1 %, up or down."""
    assert type(judged(grok(replace(GROK_USAGE, cost_usd=Decimal(own))))["cost"]) is kind


@pytest.mark.parametrize(("own", "kind"), [("0.0000085", Passed), ("0.0000086", Failed)])
def test_rounding_is_allowed_in_tiny_amounts(own: str, kind: type) -> None:
    """A call for $0.0000084 may be off by $0.0000001 although that is more than 1 %."""
    case = only(make_case(), P.COLD, Usage(40, 4, 44, cost_usd=Decimal(own)))

    assert type(judged(case)["cost"]) is kind


def test_a_difference_in_one_call_is_not_hidden_by_the_sum() -> None:
    """Each call is compared: two errors that cancel out are two errors."""
    case = changed(make_case(), (P.WARM,), with_usage(cost_usd=Decimal("0.0000084")))
    case = changed(case, (P.WARM,), with_usage(cost_usd=Decimal("0.0000100")), samples=(1,))
    case = changed(case, (P.WARM,), with_usage(cost_usd=Decimal("0.0000068")), samples=(2,))
    verdict = judged(case)["cost"]

    assert verdict.actual.count("the venue says") == 2
    assert "warm[1]: the venue says $0.00001, the spec's prices give $0.0000084" in verdict.actual


@pytest.mark.parametrize(
    ("usage", "words"),
    [
        (Usage(601, 4, 605), "601 input tokens, planned at most 600"),
        (Usage(40, 209, 249), "209 output tokens, planned at most 200"),
    ],
)
def test_more_tokens_than_planned_fail(usage: Usage, words: str) -> None:
    """What the cap was reserved for is a bound."""
    verdict = judged(only(make_case(), P.COLD, usage))["cost"]

    assert isinstance(verdict, Failed)
    assert words in verdict.actual
    assert verdict.figures["n"] == 1


def test_a_declared_hidden_output_counts_against_the_plan() -> None:
    """Where the spec declares that output leaves reasoning out, the billed output is what must keep the ceiling."""
    verdict = judged(grok(Usage(165, 2, 500)))["cost"]

    assert "335 output tokens, planned at most 200" in verdict.actual


def test_all_calls_of_the_target_are_added_up() -> None:
    """Ten calls, tools and structured output among them, at their exact decimal sum."""
    verdict = judged(make_case())["cost"]

    assert verdict.figures == {"cost_usd": "0.0001446", "n": 10}
    assert verdict.actual == "$0.000145 for 10 calls; the venue gives no figure of its own"


def test_many_differences_are_shown_in_short() -> None:
    """Three are shown, the rest counted."""
    verdict = judged(changed(make_case(), (*CHATS, P.STREAM), with_usage(cost_usd=Decimal(1))))["cost"]

    assert verdict.actual.count("the venue says") == 3
    assert verdict.actual.endswith("; and 4 more")


def test_a_failed_call_costs_nothing() -> None:
    """The good calls are judged; that some failed is the matter of other checks."""
    verdict = judged(changed(make_case(), CHATS, broken(ErrorKind.SERVER_ERROR, 500)))["cost"]

    assert isinstance(verdict, Passed)
    assert verdict.figures["n"] == 6


def test_without_any_count_nothing_is_judged() -> None:
    """A venue that reports no tokens leaves the cost unknown."""
    assert judged(only(make_case(), P.COLD, None))["cost"].code == "too_few_samples"


def test_a_free_model_costs_nothing() -> None:
    """Prices of zero give zero, written plainly."""
    free = GROK.model_copy(
        update=dict.fromkeys(("in_per_mtok_usd", "out_per_mtok_usd", "cached_in_per_mtok_usd"), Decimal(0))
    )
    verdict = judged(make_case(make_model(price=free)))["cost"]

    assert verdict.figures["cost_usd"] == "0"
    assert verdict.actual.startswith("$0.000000 for 10 calls")
