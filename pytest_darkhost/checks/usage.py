"""
Whether reported token counts can be true: present, positive, adding up, cumulative in streams, within our ceiling.
"""

from collections.abc import Iterator
from itertools import pairwise

from pytest_darkhost.checks.availability import Trouble, not_planned, problem, trouble
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.faults import Subject, faults_of
from pytest_darkhost.checks.shape import CHATS
from pytest_darkhost.checks.streams import stream_problem, terminated
from pytest_darkhost.checks.target import declares, quirks_of, seen
from pytest_darkhost.checks.texts import short
from pytest_darkhost.observations import Answer, Observation, Usage
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.specs.target_settings import Capability, Quirks
from pytest_darkhost.verdicts import JSON, Failed, Passed, Verdict

SLACK_TOKENS = 8
"""Some venues count the tokens that end a message above `max_tokens`."""
_EXPECTED = "token counts that are present, positive and add up"
_LISTED = 3
_UNSEEN_TOKENS = 16
"""Marks that a chat template makes the model write around an answer, and that no client sees."""
_UNSEEN_CALL_TOKENS = 64
"""The same around a tool call: name, tags and keys are written out."""
_BYTES_A_TOKEN = 64
"""No vocabulary in use has tokens of more bytes of plain text, runs of blanks aside."""
_OTHERS = (ProbeName.TOOL_CALL, ProbeName.TOOL_CALL_STREAM, ProbeName.JSON_SCHEMA)


def _sum_faults(usage: Usage, quirks: Quirks) -> Iterator[str]:
    if usage.total_tokens is None:
        return
    total, parts = usage.total_tokens, usage.input_tokens + usage.output_tokens
    shown = f"total {total}, input {usage.input_tokens} + output {usage.output_tokens} = {parts}"
    if quirks.usage_total_is_sum and total != parts:
        yield f"{shown}, expected equal"
    if total < parts and not quirks.usage_total_is_sum:
        yield f"{shown}, expected a total not below the sum"


def _count_faults(usage: Usage) -> Iterator[str]:
    if usage.input_tokens <= 0:
        yield f"input {usage.input_tokens} tokens, expected more than 0"
    if usage.output_tokens <= 0 and usage.billed_output_tokens <= 0:
        yield f"output {usage.output_tokens} tokens, expected more than 0"
    if (usage.reasoning_tokens or 0) > usage.billed_output_tokens:
        yield f"reasoning {usage.reasoning_tokens} tokens, expected at most the output, {usage.billed_output_tokens}"
    if (usage.cached_input_tokens or 0) > usage.input_tokens:
        yield f"cached input {usage.cached_input_tokens} tokens, expected at most the input, {usage.input_tokens}"


def _stream_faults(usages: tuple[Usage, ...]) -> Iterator[str]:
    for before, after in pairwise(usages):
        for name in ("input_tokens", "output_tokens"):
            first, second = getattr(before, name), getattr(after, name)
            if second < first:
                yield f"{name} fell from {first} to {second} within the stream, expected cumulative counts"


def _answer_faults(observation: Observation, usage: Usage) -> Iterator[str]:
    request, answer = observation.probe.request, observation.answer
    if usage.output_tokens == 0 and answer is not None and answer.text.strip():
        yield "text came, output 0 tokens, expected its tokens to be counted"
    if request is not None and usage.output_tokens > request.max_tokens + SLACK_TOKENS:
        yield f"output {usage.output_tokens} tokens, expected at most max_tokens, {request.max_tokens}"


def _written_bytes(answer: Answer) -> int:
    calls = "".join(call.name + call.arguments for call in answer.tool_calls)
    return len((answer.text + answer.reasoning + calls).encode("utf-8", "replace"))


def _amount_faults(observation: Observation, usage: Usage, *, reasons: bool) -> Iterator[str]:
    """Yield where an answer is too short or too long for its tokens; a token covers at least one byte."""
    answer = observation.answer
    if answer is None or (observation.stream_end is not None and not terminated(observation)):
        return
    size, tokens = _written_bytes(answer), usage.output_tokens
    most = size + _UNSEEN_TOKENS + _UNSEEN_CALL_TOKENS * len(answer.tool_calls)
    if tokens > most and not reasons and not usage.reasoning_tokens:
        hint = "Declare 'reasoning' if the model thinks unseen"
        yield f"output {tokens} tokens for an answer of {size} bytes, expected at most {most}. {hint}"
    fewest = size // _BYTES_A_TOKEN
    if 0 < usage.billed_output_tokens < fewest:
        yield f"output {usage.billed_output_tokens} tokens for an answer of {size} bytes, expected at least {fewest}"


def usage_faults(observation: Observation, quirks: Quirks, *, reasons: bool = False) -> tuple[str, ...]:
    """Return what is wrong with the counts of one answered call, each `<what is>, expected <what>`.

    :param reasons: whether the model is declared to reason: then tokens may be billed that nobody sees.
    """
    request = observation.probe.request
    streamed = request is not None and request.stream
    if streamed and not quirks.stream_usage:
        return ()
    found = faults_of(observation, Subject.USAGE)
    usage = observation.usage
    if usage is None:
        missing = () if streamed and not terminated(observation) else ("no usage, expected token counts",)
        return found or missing
    amounts = _amount_faults(observation, usage, reasons=reasons)
    rules = (_count_faults(usage), _sum_faults(usage, quirks), _answer_faults(observation, usage), amounts)
    return (*found, *(fault for rule in rules for fault in rule), *_stream_faults(observation.usages))


def _figures(observations: tuple[Observation, ...]) -> dict[str, JSON]:
    known = [observation.usage for observation in observations if observation.usage is not None]
    return {
        "input_tokens": sum(usage.input_tokens for usage in known),
        "output_tokens": sum(usage.billed_output_tokens for usage in known),
        "reasoning_tokens": sum(usage.reasoning_tokens or 0 for usage in known),
        "cached_input_tokens": sum(usage.cached_input_tokens or 0 for usage in known),
        "n": len(known),
    }


def usage(case: Case) -> Verdict:
    """
    Return whether the token counts of each chat and stream can be true, and those of other calls that were answered.

    A stream that was cut or ended in an error owes no usage: `stream_terminates` reports it.
    """
    quirks, reasons = quirks_of(case), declares(case, Capability.REASONING)
    chats, streams = seen(case, *CHATS), seen(case, ProbeName.STREAM)
    if not chats:
        return not_planned(*CHATS)

    def fault(observation: Observation) -> Trouble | None:
        is_stream = observation.probe.name == ProbeName.STREAM
        found = stream_problem(observation) if is_stream else problem(observation)
        texts = () if found else usage_faults(observation, quirks, reasons=reasons)
        return Failed(_EXPECTED, short("; ".join(texts[:_LISTED]), 300)) if texts else found

    # A tool call or structured answer that failed as a whole is the matter of its own check.
    others = (o for o in seen(case, *_OTHERS) if problem(o) is None and o.answer is not None)
    answered = (*chats, *streams, *others)
    figures = _figures(answered)
    note = (("streams", "spec declares that they carry no usage"),) if streams and not quirks.stream_usage else ()
    counts = f"input {figures['input_tokens']} + output {figures['output_tokens']} tokens"
    return trouble(answered, fault) or Passed(_EXPECTED, f"{counts} (n={figures['n']})", note, figures)
