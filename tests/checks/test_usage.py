"""
Rules of token counts, each planted and caught; and what known venues do, which is none.
"""

from dataclasses import replace

import pytest

from checks.factory import broken, changed, judged, make_case, make_model, with_answer, with_usage
from pytest_darkhost.observations import ErrorKind, Usage
from pytest_darkhost.probes import ProbeName as P
from pytest_darkhost.specs.target_settings import Capability, Quirks
from pytest_darkhost.verdicts import Failed, Passed, Verdict

PLAIN = (Capability.STREAM, Capability.TOOLS, Capability.JSON_SCHEMA)
APART = Quirks(usage_total_is_sum=False)


def verdict_on(usage: Usage, quirks: Quirks | None = None) -> Verdict:
    """Return the verdict where the cold chat reports these counts."""
    case = make_case(make_model(quirks=quirks or Quirks()))
    return judged(changed(case, (P.COLD,), lambda seen: replace(seen, usage=usage)))["usage"]


@pytest.mark.parametrize(
    ("usage", "words"),
    [
        (Usage(0, 4, 4), "input 0 tokens, expected more than 0"),
        (Usage(40, 0, 40), "output 0 tokens, expected more than 0"),
        (Usage(40, 4, 45), "total 45, input 40 + output 4 = 44, expected equal"),
        (Usage(40, 4, 43), "total 43, input 40 + output 4 = 44, expected equal"),
        (Usage(40, 4, 44, reasoning_tokens=5), "reasoning 5 tokens, expected at most the output, 4"),
        (Usage(40, 4, 44, cached_input_tokens=41), "cached input 41 tokens, expected at most the input, 40"),
        (Usage(40, 41, 81), "output 41 tokens, expected at most max_tokens, 32"),
        (Usage(40, 0, None), "text came, output 0 tokens"),
    ],
    ids=str,
)
def test_counts_that_cannot_be_true_fail(usage: Usage, words: str) -> None:
    """Each rule has its words."""
    verdict = verdict_on(usage)

    assert isinstance(verdict, Failed)
    assert words in verdict.actual


@pytest.mark.parametrize(
    "usage",
    [
        Usage(40, 4, None),
        Usage(40, 4, 44, reasoning_tokens=4, cached_input_tokens=40),
        Usage(40, 40, 80),
    ],
    ids=["no total", "all reasoning, all cached", "a few tokens above max_tokens"],
)
def test_counts_that_can_be_true_pass(usage: Usage) -> None:
    """Bounds are inclusive, and the tokens that end a message have some slack."""
    assert isinstance(verdict_on(usage), Passed)


INFLATED = {"output_tokens": 30, "total_tokens": 70}


@pytest.mark.parametrize("name", [P.COLD, P.WARM, P.STREAM, P.JSON_SCHEMA])
def test_more_tokens_than_bytes_fail(name: P) -> None:
    """A token that is seen has at least one byte; a few marks around the answer are allowed."""
    case = changed(make_case(make_model(capabilities=PLAIN)), (name,), with_answer(text="ready", reasoning=""))
    verdict = judged(changed(case, (name,), with_usage(**INFLATED)))["usage"]

    assert isinstance(verdict, Failed)
    assert "output 30 tokens for an answer of 5 bytes, expected at most 21" in verdict.actual


def test_tokens_of_reasoning_need_not_be_seen() -> None:
    """Declared or reported, reasoning accounts for tokens without text."""
    plain = make_model(capabilities=PLAIN)
    declared = changed(make_case(), (P.COLD,), with_usage(**INFLATED))
    reported = changed(make_case(plain), (P.COLD,), with_usage(**INFLATED, reasoning_tokens=20))
    shown = changed(make_case(plain), (P.COLD,), with_answer(reasoning="one word, so: ready"))

    assert isinstance(judged(declared)["usage"], Passed)
    assert isinstance(judged(reported)["usage"], Passed)
    assert isinstance(judged(changed(shown, (P.COLD,), with_usage(**INFLATED)))["usage"], Passed)


def test_fewer_tokens_than_a_text_can_have_fail() -> None:
    """120,000 bytes are no three tokens."""
    long = changed(make_case(), (P.COLD,), with_answer(text="ready " * 20_000))

    assert "output 4 tokens for an answer of 120000 bytes, expected at least 1875" in judged(long)["usage"].actual


@pytest.mark.parametrize("name", [P.TOOL_CALL, P.TOOL_CALL_STREAM, P.JSON_SCHEMA])
def test_other_calls_that_were_answered_report_usage_too(name: P) -> None:
    """Without counts their cost is unknown; where the call itself failed, its own check says so."""
    silent = changed(make_case(), (name,), lambda seen: replace(seen, usage=None, usages=()))

    assert "no usage" in judged(silent)["usage"].actual
    assert isinstance(judged(changed(make_case(), (name,), broken(ErrorKind.CUT)))["usage"], Passed)


def test_reasoning_left_out_of_the_output_must_be_declared() -> None:
    """XAI's 165 + 2 = 292 passes with the quirk, and fails without."""
    usage = Usage(165, 2, 292, reasoning_tokens=125)

    assert isinstance(verdict_on(usage, APART), Passed)
    assert isinstance(verdict_on(usage), Failed)


def test_even_then_the_total_is_not_below_the_sum() -> None:
    """The quirk allows a larger total only."""
    assert "expected a total not below the sum" in verdict_on(Usage(40, 4, 43), APART).actual


def test_hidden_reasoning_at_the_ceiling_is_output() -> None:
    """Gemini counts 0 output tokens where reasoning took them all: the total shows that they were billed."""
    model = make_model(quirks=APART)

    def silent(seen):
        answer = replace(seen.answer, text="", finish_reason="length")
        return replace(seen, answer=answer, usage=Usage(40, 0, 72, reasoning_tokens=32))

    assert isinstance(judged(changed(make_case(model), (P.COLD,), silent))["usage"], Passed)


def test_streams_declared_without_usage_owe_none() -> None:
    """The quirk takes streams out of the check and says so; chats are judged as ever."""
    case = make_case(make_model(quirks=Quirks(stream_usage=False)))
    bare = changed(case, (P.STREAM,), lambda seen: replace(seen, usage=None, usages=()))
    broken_chats = changed(bare, (P.WARM,), lambda seen: replace(seen, usage=None))

    assert judged(bare)["usage"].context == (("streams", "spec declares that they carry no usage"),)
    assert isinstance(judged(broken_chats)["usage"], Failed)


def test_input_may_not_fall_within_a_stream_either() -> None:
    """Counts of a stream are cumulative, input as well as output."""
    usages = (Usage(40, 1, 41), Usage(0, 21, 21))
    case = changed(make_case(), (P.STREAM,), lambda seen: replace(seen, usages=usages))

    assert "input_tokens fell from 40 to 0" in judged(case)["usage"].actual


def test_without_streams_the_chats_are_judged() -> None:
    """A quick run plans no stream, and a model may declare none."""
    case = make_case()
    groups = {name: seen for name, seen in case.observations.by_probe.items() if name in {P.COLD, P.WARM}}
    quick = judged(replace(case, observations=replace(case.observations, by_probe=groups)))

    assert isinstance(quick["usage"], Passed)
    assert quick["usage"].figures["n"] == 4
    assert isinstance(quick["model_identity"], Passed)
    assert isinstance(quick["cost"], Passed)
    assert isinstance(quick["base_url_parity"], Passed)
