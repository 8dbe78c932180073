"""
The list of standard checks, and how a check is applied to a case.
"""

from dataclasses import replace

import pytest

from checks.factory import make_case, make_model
from pytest_darkhost.checks.case import Check, Scope, Source
from pytest_darkhost.checks.judging import judge
from pytest_darkhost.checks.later import Later
from pytest_darkhost.checks.registry import STANDARD
from pytest_darkhost.observations import Observations
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.specs.target_settings import Capability
from pytest_darkhost.standard_probes import TARGET_TEMPLATES
from pytest_darkhost.verdicts import NotJudged, Passed

NAMES = [
    "chat_shape",
    "stream_shape",
    "stream_terminates",
    "tool_call",
    "tool_call_stream",
    "json_schema",
    "usage",
    "model_listed",
    "model_identity",
    "refused_key",
    "unknown_model",
    "latency_cold",
    "latency_warm",
    "ttft",
    "inter_token_latency",
    "throughput",
    "cold_to_warm",
    "cost",
    "base_url_parity",
    "catalog_parity",
    "catalog_parity",
]
QUICK = {
    "chat_shape",
    "usage",
    "model_identity",
    "latency_cold",
    "latency_warm",
    "cold_to_warm",
    "cost",
    "base_url_parity",
}
BY_CAPABILITY = {
    Capability.STREAM: {"stream_shape", "stream_terminates", "ttft", "inter_token_latency", "throughput"},
    Capability.TOOLS: {"tool_call", "tool_call_stream"},
    Capability.JSON_SCHEMA: {"json_schema"},
    Capability.REASONING: set(),
}


def named(name: str) -> Check:
    """Return the first check of a name."""
    return next(check for check in STANDARD if check.name == name)


@pytest.mark.parametrize("check", STANDARD, ids=[check.name for check in STANDARD])
def test_each_names_a_function(check: Check) -> None:
    """What a standard check judges with is a documented function, which is imported when it is first needed."""
    assert isinstance(check.judge, Later)
    function = check.judge.load()
    assert check.judge.name.endswith(check.name)
    assert (function.__name__, bool(function.__doc__)) == (check.judge.name, True)


def test_the_list_of_checks_is_the_contract() -> None:
    """Names and order are what reports and node ids are made of."""
    assert [check.name for check in STANDARD] == NAMES


def test_no_two_checks_share_a_node_id() -> None:
    """Name, scope and source are unique together."""
    ids = [(check.name, check.scope, source) for check in STANDARD for source in check.sources]

    assert len(set(ids)) == len(ids)


def test_quick_checks_can_be_judged_from_two_chats() -> None:
    """Given one cold and one warm chat and nothing else, each quick check passes."""
    case = make_case()
    chats = Observations({name: case.observations[name][:1] for name in (P.COLD, P.WARM)})
    quick = make_case(observations=chats)

    assert {check.name for check in STANDARD if check.quick} == QUICK
    for check in STANDARD:
        if check.quick:
            assert isinstance(judge(check, quick), Passed), check.name


@pytest.mark.parametrize("capability", Capability)
def test_checks_of_an_undeclared_capability_are_not_applicable(capability: Capability) -> None:
    """Exactly the checks of the capability, with the reason."""
    rest = tuple(other for other in Capability if other is not capability)
    case = make_case(make_model(capabilities=rest))
    checks = {check.name for check in STANDARD if check.capability is capability}

    assert checks == BY_CAPABILITY[capability]
    for name in checks:
        verdict = judge(named(name), case)
        assert verdict == NotJudged("not_applicable", f"spec declares no '{capability}' for this model")


def test_needs_are_probes_that_the_plan_knows() -> None:
    """A target's check needs probes of targets, a venue's those of the venue; checks without calls need none."""
    of_target = {template.name for template in TARGET_TEMPLATES}
    of_venue = {P.MODEL_LIST, P.REFUSED_KEY}
    for check in STANDARD:
        assert set(check.needs) <= (of_venue if check.scope is Scope.VENUE else of_target), check.name
        assert bool(check.needs) is (Source.LIVE in check.sources), check.name


@pytest.mark.parametrize("check", [c for c in STANDARD if Source.LIVE in c.sources], ids=lambda check: check.name)
def test_a_check_passes_from_its_own_probes_alone(check: Check) -> None:
    """A single node id can be run again: what the check needs is all that it needs."""
    case = make_case()
    needed = Observations({name: case.observations[name] for name in check.needs})

    assert isinstance(judge(check, make_case(observations=needed)), Passed)


@pytest.mark.parametrize("check", [c for c in STANDARD if Source.LIVE in c.sources], ids=lambda check: check.name)
def test_a_check_without_observations_never_passes(check: Check) -> None:
    """Nothing seen is nothing judged."""
    verdict = judge(check, make_case(observations=Observations({})))

    assert isinstance(verdict, NotJudged)
    assert verdict.code == "too_few_samples"


def test_a_check_that_breaks_is_not_a_verdict() -> None:
    """Exceptions of a check reach the caller: they are no failure of the venue."""

    def broken(_case: object) -> NotJudged:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        judge(Check("own", broken), make_case())


def test_a_check_of_a_target_refuses_a_case_of_a_venue() -> None:
    """A mistake of the caller is an error and no verdict."""
    with pytest.raises(ValueError, match="a case of the venue, expected one of a target"):
        named("usage").judge(replace(make_case(), model=None))
