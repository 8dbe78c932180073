"""Departures of Chat Completions that production would stumble over are faults, and others are not."""

import math
from typing import Any

import pytest

from dialects.builders import CHAT, SSE_TYPE, STREAM, choice, chunk, completion, exchange, read_stream, venue
from pytest_darkhost.checks.faults import Subject, subject
from pytest_darkhost.dialects.reading import read
from pytest_darkhost.observations import Observation, StreamEnd

REASONS = "a documented one, such as 'stop', 'length' or 'tool_calls'"

AZURE_FIRST = {"id": "", "object": "", "model": "", "created": 0, "choices": [], "prompt_filter_results": []}


def read_chat(value: Any) -> Observation:
    """Return what is read of a whole chat completion."""
    return read(venue(), CHAT, exchange(value))


def calling(function: Any = None, **call: Any) -> dict[str, Any]:
    """Return a choice that calls a tool; keyword arguments replace the keys of the call."""
    function = {"name": "tide", "arguments": "{}"} if function is None else function
    call = {"id": "c1", "type": "function", "function": function, **call}
    return choice(content=None, tool_calls=[call], finish_reason="tool_calls")


def without(value: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a mapping without a key."""
    return {name: item for name, item in value.items() if name != key}


def usage(**changes: Any) -> dict[str, Any]:
    """Return a completion whose usage has these changes."""
    return completion(usage={"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12, **changes})


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (completion(object="text_completion"), "object: 'text_completion', expected 'chat.completion'"),
        (without(completion(), "object"), "object: missing, expected 'chat.completion'"),
        (completion(choices=[]), "choices: an empty list, expected at least one choice"),
        (completion(choices={}), "choices: an object, expected a list"),
        (completion(choices=None), "choices: null, expected a list"),
        (completion(choices=["x"]), "choices[0].message: missing, expected an object"),
        (completion(choices=[{"finish_reason": "stop"}]), "choices[0].message: missing, expected an object"),
        (completion(choices=[choice(role="user")]), "choices[0].message.role: 'user', expected 'assistant'"),
        (completion(choices=[choice(role=None)]), "choices[0].message.role: null, expected 'assistant'"),
        (completion(choices=[choice(content=7)]), "choices[0].message.content: 7, expected a string"),
        (completion(choices=[choice(content={"a": 1})]), "choices[0].message.content: an object, expected a string"),
        (completion(choices=[choice(content=["x"])]), "choices[0].message.content[0]: 'x', expected an object"),
        (
            completion(choices=[choice(content="\ud800")]),
            "choices[0].message.content: lone surrogates or bytes that are not UTF-8, expected",
        ),
        (
            completion(choices=[{"message": {"role": "assistant"}, "finish_reason": "stop"}]),
            "choices[0].message.content: missing, expected a string",
        ),
        (completion(choices=[choice(finish_reason=None)]), f"choices[0].finish_reason: null, expected {REASONS}"),
        (completion(choices=[choice(finish_reason="")]), f"choices[0].finish_reason: '', expected {REASONS}"),
        (completion(choices=[choice(finish_reason="done")]), f"choices[0].finish_reason: 'done', expected {REASONS}"),
        (completion(choices=[choice(tool_calls={})]), "choices[0].message.tool_calls: an object, expected a list"),
        (completion(choices=[choice(tool_calls=[1])]), "choices[0].message.tool_calls[0]: 1, expected an object"),
        (
            completion(choices=[calling("tide")]),
            "choices[0].message.tool_calls[0].function: 'tide', expected an object",
        ),
        (
            completion(choices=[calling({"arguments": "{}"})]),
            "choices[0].message.tool_calls[0].function.name: missing, expected the name of a function",
        ),
        (
            completion(choices=[calling({"name": "tide", "arguments": 7})]),
            "choices[0].message.tool_calls[0].function.arguments: 7, expected a string",
        ),
        (completion(choices=[calling(type="custom")]), "choices[0].message.tool_calls[0].type: 'custom', expected"),
        (completion(usage=[]), "usage: a list, expected an object"),
        (usage(prompt_tokens=-1), "usage.prompt_tokens: -1, expected a count"),
        (usage(prompt_tokens=None), "usage.prompt_tokens: null, expected a count"),
        (usage(completion_tokens="3"), "usage.completion_tokens: '3', expected a count"),
        (usage(completion_tokens=True), "usage.completion_tokens: true, expected a count"),
        (usage(completion_tokens=2.5), "usage.completion_tokens: 2.5, expected a count"),
        (usage(total_tokens=2**60), f"usage.total_tokens: {2**60}, expected a count"),
        (usage(total_tokens=10**300), "usage.total_tokens: an integer of more than 50 digits, expected a count"),
        (usage(completion_tokens_details=[]), "usage.completion_tokens_details: a list, expected an object"),
        (usage(completion_tokens_details={"reasoning_tokens": -1}), "usage.completion_tokens_details.reasoning_tokens"),
        (usage(prompt_tokens_details={"cached_tokens": "1"}), "usage.prompt_tokens_details.cached_tokens: '1'"),
        (usage(estimated_cost="free"), "usage.estimated_cost: 'free', expected an amount"),
        (usage(estimated_cost=-0.1), "usage.estimated_cost: -0.1, expected an amount"),
        (usage(cost_in_usd_ticks=True), "usage.cost_in_usd_ticks: true, expected an amount"),
        (usage(cost=-0.1), "usage.cost: -0.1, expected an amount"),
        (completion(choices=[choice(), choice()]), "choices: 2 entries, expected one"),
        (completion(choices=[{**choice(), "index": 3}]), "choices[0].index: 3, expected 0"),
        (completion(choices=[choice(finish_reason="error")]), "choices[0].finish_reason: 'error', expected an answer"),
        (
            completion(choices=[choice(finish_reason="content_filter")]),
            "choices[0].finish_reason: 'content_filter', expected an answer",
        ),
        (
            completion(choices=[{**choice(), "error": {"code": 502, "message": "upstream died"}}]),
            "choices[0].error.code: 502, expected an answer",
        ),
        (completion(choices=[{**choice(), "error": "died"}]), "choices[0].error: 'died', expected an answer"),
        (completion(created=math.nan), "body: NaN, expected numbers that JSON has (RFC 8259, 6)"),
        (completion(created=-math.inf), "body: -Infinity, expected numbers that JSON has"),
    ],
)
def test_a_planted_fault_is_found(value: Any, fault: str) -> None:
    """One departure gives one fault that names its place, what is there and what was expected."""
    seen = read_chat(value)
    assert seen.error is None
    assert [found for found in seen.faults if found.startswith(fault)]
    assert len(seen.faults) == 1 or "message: missing" in fault or "choices: " in fault


@pytest.mark.parametrize(
    "value",
    [
        completion(),
        usage(prompt_tokens=9.0),
        usage(estimated_cost=0),
        usage(cost={"total_cost": 0.1}),
        usage(completion_tokens_details=None, prompt_tokens_details=None),
        usage(completion_tokens_details={}, prompt_tokens_details={"cached_tokens": None}),
        without(completion(), "usage"),
        completion(usage=None),
        without(completion(), "model"),
        completion(error=None),
        completion(choices=[without(choice(), "index")]),
        completion(choices=[choice(content=None)]),
        completion(choices=[choice(content=None, refusal="No.")]),
        completion(choices=[choice(content=[{"type": "text", "text": "a"}, {"type": "reference", "ids": [1]}])]),
        completion(choices=[choice(tool_calls=[])]),
        completion(choices=[choice(tool_calls=None)]),
        completion(choices=[{"message": {"role": "assistant"}, "finish_reason": "length"}]),
        completion(choices=[{"message": {"role": "assistant", "reasoning": "hm"}, "finish_reason": "stop"}]),
        completion(choices=[{"message": {"role": "assistant", "reasoning": {"odd": 1}, "content": "a"}}]),
        completion(choices=[calling(id="")]),
        completion(choices=[calling(id=None)]),
        completion(choices=[calling(type=None)]),
        completion(choices=[calling({"name": "tide", "arguments": None})]),
        completion(choices=[calling({"name": "tide", "arguments": {"a": 1}})]),
        completion(choices=[{**calling(), "finish_reason": ""}]),
        *(
            completion(choices=[choice(finish_reason=reason)])
            for reason in ("eos", "model_length", "length", "eos_token", "stop_sequence")
        ),
    ],
)
def test_what_venues_really_do_is_no_fault(value: Any) -> None:
    """Documented and harmless departures are read in silence."""
    faults = read_chat(value).faults
    assert [fault for fault in faults if not fault.startswith("choices[0].finish_reason: missing")] == []


def test_arguments_that_come_as_an_object_are_written_as_json() -> None:
    """Object arguments become compact JSON text, null ones become none."""
    answer = read_chat(completion(choices=[calling({"name": "tide", "arguments": {"a": "ø"}})])).answer
    assert answer is not None
    assert answer.tool_calls[0].arguments == '{"a":"ø"}'
    answer = read_chat(completion(choices=[calling({"name": "tide", "arguments": None})])).answer
    assert answer is not None
    assert answer.tool_calls[0].arguments == ""


def test_reasoning_under_both_names_is_read_once() -> None:
    """Venues that send reasoning under both of its names mean the same text."""
    answer = read_chat(completion(choices=[choice(reasoning="hm", reasoning_content="hm")])).answer
    assert answer is not None
    assert answer.reasoning == "hm"


def test_whole_calls_of_one_message_stay_apart() -> None:
    """Two calls with the same index and no id are two calls."""
    call = {"index": 0, "function": {"name": "tide", "arguments": "{}"}}
    answer = read_chat(completion(choices=[choice(tool_calls=[call, call])])).answer
    assert answer is not None
    assert len(answer.tool_calls) == 2


def test_a_surrogate_pair_that_is_split_over_chunks() -> None:
    """Halves of a pair are faults, because clients break on them, and the text is put together."""
    seen = read_stream(chunk(content="\ud83e"), chunk("stop", content="\uddad"))
    assert seen.answer is not None
    assert seen.answer.text.isprintable()
    assert [fault for fault in seen.faults if "expected Unicode text" in fault]


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        (
            [{**chunk("stop", content="a"), "object": "chat.completion"}],
            "events[0].object: 'chat.completion'",
        ),
        ([{**chunk("stop"), "choices": None}], "events[0].choices: null, expected a list"),
        ([{**chunk("stop"), "choices": [{"finish_reason": "stop"}]}], "events[0].choices[0].delta: missing, expected"),
        ([chunk("stop", role="tool")], "events[0].choices[0].delta.role: 'tool', expected 'assistant'"),
        ([chunk("stop", content=1)], "events[0].choices[0].delta.content: 1, expected a string"),
        ([chunk(content="a"), chunk("later")], "events[1].choices[0].finish_reason: 'later', expected"),
        ([chunk(tool_calls=[{"index": -1, "function": {}}])], "events[0].choices[0].delta.tool_calls[0].index: -1"),
        ([chunk(tool_calls=[{"index": 0}])], "events[0].choices[0].delta.tool_calls[0].function: missing, expected"),
        (
            [chunk("stop", usage={"prompt_tokens": 1, "total_tokens": 1})],
            "events[0].usage.completion_tokens: missing, expected a count",
        ),
        ([chunk("content_filter", content="a")], "events[0].choices[0].finish_reason: 'content_filter', expected an"),
        (
            [chunk("stop"), {**chunk(), "choices": [{"index": 1, "delta": {}}]}],
            "events[1].choices[0].index: 1, expected 0",
        ),
        ([{**chunk("stop"), "choices": chunk("stop")["choices"] * 2}], "events[0].choices: 2 entries, expected one"),
        ([{**AZURE_FIRST, "model": "acme/small"}, chunk("stop")], "events[0].object: '', expected"),
        (
            [{**AZURE_FIRST, "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}, chunk("stop")],
            "events[0].object: '', expected",
        ),
        (
            [chunk(content="a"), *[{**chunk(content="b"), "model": "cheap/other"}] * 2, chunk("stop")],
            "events[1].model: 'cheap/other' in a later event, expected 'acme/small'",
        ),
        ([chunk("stop"), "{oops"], "events[1]: text that is not JSON (expecting property name"),
        ([chunk("stop"), ""], "events[1]: nothing, expected JSON"),
        ([chunk("stop"), {"odd": 1}], "events[1]: an object, expected a chunk of a chat completion"),
        ([chunk("stop"), [1]], "events[1]: a list, expected a chunk of a chat completion"),
        ([chunk("stop"), "[DONE]", chunk()], "events[2]: an event after [DONE], expected the end of the stream"),
    ],
)
def test_a_planted_fault_in_a_stream_is_found(events: list[Any], fault: str) -> None:
    """One departure in a stream is one fault at the number of its event."""
    done = None if "[DONE]" in events else "[DONE]"
    faults = read_stream(*events, done=done).faults
    assert len(faults) == 1
    assert faults[0].startswith(fault)


def test_bytes_that_are_not_utf_8_are_a_fault_in_a_stream() -> None:
    """A byte that is not UTF-8 inside a string is found, and replaced in the text."""
    body = b'data: {"object":"chat.completion.chunk","choices":[{"delta":{"content":"a\xff"}}]}\n\n'
    seen = read(venue(), STREAM, exchange(body, headers=SSE_TYPE))
    assert [fault for fault in seen.faults if "expected Unicode text" in fault]
    assert seen.answer is not None
    assert seen.answer.text == "a\ufffd"


def test_many_faults_of_one_sort_are_one() -> None:
    """A departure on every chunk is told once, with its first event, and hostile streams are cut short."""
    odd = {**chunk(content="a"), "object": "odd"}
    assert read_stream(*[odd] * 50, chunk("stop")).faults == (
        "events[0].object: 'odd', expected 'chat.completion.chunk'",
    )
    many = [{**chunk(content="a"), "object": f"odd{chr(97 + n % 26)}{chr(97 + n // 26)}"} for n in range(200)]
    faults = read_stream(*many).faults
    assert len(faults) == 21
    assert faults[-1] == "body: 180 more sorts of faults, expected none"


@pytest.mark.parametrize(
    "events",
    [
        [chunk(role="assistant", content=""), chunk(content="a"), chunk("stop")],
        [chunk(content="a"), chunk("tool_calls"), chunk("tool_calls")],
        [chunk(content="a"), chunk("stop"), chunk(None)],
        [chunk(content="a"), chunk(""), chunk("stop")],
        [chunk(role="", content="a"), chunk("stop")],
        [{**chunk(), "choices": [], "prompt_filter_results": []}, chunk("stop", content="a")],
        [{**chunk(), "choices": [{"index": 0, "delta": {"content": "a"}}]}, chunk("stop")],
        [AZURE_FIRST, chunk("stop", content="a")],
        [{"choices": []}, chunk("stop", content="a")],
        [chunk(content="a"), {**chunk("stop"), "model": ""}],
        [{**chunk(content="a"), "model": ""}, chunk("stop")],
    ],
)
def test_streams_as_venues_send_them_are_no_fault(events: list[Any]) -> None:
    """Roles, doubled and late finish reasons, empty choices and empty names are read in silence."""
    seen = read_stream(*events)
    assert seen.faults == ()
    assert seen.answer is not None
    assert seen.answer.model == "acme/small"
    assert seen.stream_end is StreamEnd.COMPLETE
    assert seen.answer is not None
    assert seen.answer.text == "a"


def test_the_first_model_of_a_stream_counts_and_a_change_is_a_fault_of_the_model() -> None:
    """A change of the model on the way is a matter of its identity, not of the shape."""
    seen = read_stream(chunk(content="a"), {**chunk("stop"), "model": "cheap/other"})
    assert seen.answer is not None
    assert seen.answer.model == "acme/small"
    assert [subject(fault) for fault in seen.faults] == [Subject.MODEL]


def test_long_names_are_shortened() -> None:
    """Ids and model names of megabytes are not copied on, and a shortened one shows it."""
    answer = read_chat(completion(id="i" * 10**6, model="m" * 201)).answer
    assert answer is not None
    assert (answer.id, answer.model) == ("i" * 199 + "…", "m" * 199 + "…")
    answer = read_chat(completion(id="i" * 200, model="")).answer
    assert answer is not None
    assert (answer.id, answer.model) == ("i" * 200, None)


@pytest.mark.parametrize("reason", ["content_filter", "error", "abort", "insufficient_system_resource"])
def test_a_documented_reason_may_say_that_there_is_no_answer(reason: str) -> None:
    """VLLM and SGLang abort, DeepSeek runs out of what it needs."""
    assert read_chat(completion(choices=[choice(finish_reason=reason)])).faults == (
        f"choices[0].finish_reason: '{reason}', expected an answer",
    )


def test_the_summary_of_a_reasoning_part_is_reasoning() -> None:
    """Databricks sends it in the list of contents; it is the first token of a stream."""
    summary = [{"type": "summary_text", "text": "hm", "signature": ""}]
    parts = [{"type": "reasoning", "summary": summary}, {"type": "text", "text": "word"}, {"type": ["odd"]}]
    seen = read_chat(completion(choices=[choice(content=parts)]))
    assert seen.answer is not None
    assert (seen.answer.reasoning, seen.answer.text) == ("hm", "word")
    assert seen.faults == ()
