"""The plan: which calls, in which order, and what they may cost."""

from decimal import Decimal

import pytest

from pytest_darkhost.plan import Owner, input_token_ceiling, make_plan
from pytest_darkhost.probes import ChatRequest, Key, ProbeName, ProbeTemplate
from pytest_darkhost.specs.target_settings import Capability
from support.specs import make_model, make_venue

ALL = frozenset(ProbeName)
VENUE = make_venue(
    models=[make_model(capabilities=["stream", "tools", "json_schema"], samples={"warm": 2, "stream": 3})]
)
OWNERS = {Owner("acme"): ALL, Owner("acme", "small-acme"): ALL}


def names(plan):
    """Return the names of the probes, in order."""
    return [probe.name for probe in plan.probes]


def test_plan_sends_each_probe_in_order():
    """The venue's own probes come first, then a target's: cold, warm, streams and the rest."""
    plan = make_plan([VENUE], OWNERS, nonce="n")

    assert names(plan) == [
        "model_list",
        "refused_key",
        "cold",
        "warm",
        "warm",
        "stream",
        "stream",
        "stream",
        "tool_call",
        "tool_call_stream",
        "json_schema",
        "unknown_model",
    ]


def test_plan_holds_only_what_is_needed():
    """A selection of one check costs the calls of that check alone."""
    plan = make_plan([VENUE], {Owner("acme", "small-acme"): frozenset({"cold"})}, nonce="n")

    assert names(plan) == ["cold"]


@pytest.mark.parametrize(
    ("change", "absent"),
    [
        ({"capabilities": ["stream"]}, {"tool_call", "tool_call_stream", "json_schema"}),
        ({"capabilities": []}, {"stream", "tool_call", "tool_call_stream", "json_schema"}),
        ({"capabilities": ["tools"]}, {"stream", "tool_call_stream", "json_schema"}),
        ({"quirks": {"unknown_model": "answered"}}, {"unknown_model"}),
    ],
)
def test_plan_respects_capabilities_and_quirks(change, absent):
    """A capability that is not declared is not paid for, nor a refusal that the venue does not make."""
    venue = make_venue(models=[make_model(**change)])

    assert not absent & set(names(make_plan([venue], OWNERS, nonce="n")))


def test_quick_plan_makes_two_consecutive_chats():
    """`--darkhost-quick` needs one cold and one warm chat, whatever the spec's samples are."""
    needs = {Owner("acme", "small-acme"): frozenset({"cold", "warm"})}

    assert names(make_plan([VENUE], needs, nonce="n", quick=True)) == ["cold", "warm"]


def test_a_quick_plan_has_a_warm_chat_where_the_spec_has_none():
    """Streams are warm chats at the default: a quick run makes no stream, and an unstreamed warm chat instead."""
    venue = make_venue(models=[make_model()])
    needs = {Owner("acme", "small-acme"): frozenset({"cold", "warm"})}

    assert names(make_plan([venue], needs, nonce="n")) == ["cold"]
    assert names(make_plan([venue], needs, nonce="n", quick=True)) == ["cold", "warm"]


@pytest.mark.parametrize(("warm", "alike"), [(None, True), (0, True), (1, False)])
def test_the_cold_chat_asks_for_as_much_as_the_warm_ones(warm, alike):
    """Their times are compared: the cold chat has the streams' question and ceiling where they are the warm chats."""
    venue = make_venue(models=[make_model(samples={"warm": warm})])
    asked = {
        probe.name: (probe.request.prompt.splitlines()[1], probe.request.max_tokens, probe.request.stream)
        for probe in make_plan([venue], OWNERS, nonce="n").probes
        if probe.request
    }

    assert (asked["cold"][:2] == asked["stream"][:2]) is alike
    assert asked["cold"][2] is False
    assert warm != 1 or asked["cold"] == asked["warm"]


def test_only_the_cold_probe_opens_a_connection():
    """Warm chats and streams run on the open connection."""
    plan = make_plan([VENUE], OWNERS, nonce="n")

    assert {probe.name for probe in plan.probes if probe.fresh_connection} == {"cold"}


def test_prompts_differ_in_their_first_line():
    """No venue can answer from its prompt cache: run and sample are in the first line of each prompt."""
    plan = make_plan([VENUE], OWNERS, nonce="run7")
    lines = [probe.request.prompt.splitlines()[0] for probe in plan.probes if probe.request]

    assert len(set(lines)) == len(lines)
    assert all("run7" in line for line in lines)


def test_refused_key_probe_uses_the_constant_key_and_costs_nothing():
    """Nobody is billed for a call with a key that nobody owns."""
    (probe,) = make_plan([VENUE], {Owner("acme"): frozenset({"refused_key"})}, nonce="n").probes

    assert (probe.key, probe.worst_case_usd) == (Key.REFUSED, Decimal(0))


def test_worst_case_is_both_ceilings_at_the_specs_prices():
    """The figure that is held against the cap is exact."""
    price = {**make_model()["price"], "in_per_mtok_usd": "2", "out_per_mtok_usd": "10"}
    model = make_model(price=price, token_ceilings={"chat": 100})
    venue = make_venue(models=[{**model, "samples": {"warm": 1}}])

    (probe,) = make_plan([venue], {Owner("acme", "small-acme"): frozenset({"cold"})}, nonce="n").probes

    expected = (probe.input_token_ceiling * Decimal(2) + 100 * Decimal(10)) / 1_000_000
    assert probe.worst_case_usd == expected
    assert probe.input_token_ceiling == len(probe.request.prompt.encode()) + 512


def test_input_ceiling_counts_bytes_not_characters():
    """A token covers at least one byte, so an alphabet of four bytes a letter is counted four times."""
    model = make_venue(models=[make_model()]).models[0]

    assert input_token_ceiling(ChatRequest("m", "😀", 1), model) == 4 + 512


def test_own_probes_are_planned_after_the_standard_ones():
    """A team's own probe is part of the plan and of its cost."""
    own = ProbeTemplate("long_chat", lambda _venue, model, nonce: ChatRequest(model.upstream_model, nonce, 500))
    needs = {Owner("acme", "small-acme"): frozenset({"cold", "long_chat"})}

    plan = make_plan([VENUE], needs, nonce="n", own=(own,))

    assert names(plan) == ["cold", "long_chat"]
    assert plan.probes[1].output_token_ceiling == 500
    assert plan.worst_case_usd == sum(probe.worst_case_usd for probe in plan.probes)


def test_probe_ids_are_unique():
    """An id names one probe of a plan."""
    plan = make_plan([VENUE], OWNERS, nonce="n")

    assert len({probe.id for probe in plan.probes}) == len(plan.probes)
    assert plan.probes[3].id == "acme/small-acme/warm[1]"


def test_capability_names_are_those_of_the_spec():
    """The four capabilities that a spec may declare."""
    assert {str(capability) for capability in Capability} == {"stream", "tools", "json_schema", "reasoning"}
