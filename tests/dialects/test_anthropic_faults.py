"""Departures of Messages that production would stumble over are faults, and others are not."""

import json
from typing import Any

import pytest

from dialects.builders import CHAT, SSE_TYPE, STREAM, exchange, message, read_anthropic, venue
from pytest_darkhost.dialects.reading import read
from pytest_darkhost.observations import ErrorKind, Observation, StreamEnd, Usage

REASONS = (
    "'end_turn' or 'max_tokens' or 'model_context_window_exceeded' or 'pause_turn' or 'refusal' or 'stop_sequence'"
    " or 'tool_use'"
)


def read_message(**changes: Any) -> Observation:
    """Return what is read of a message with these changes."""
    return read(venue(dialect="anthropic"), CHAT, exchange(message(**changes)))


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"role": "user"}, "role: 'user', expected 'assistant'"),
        ({"content": "word"}, "content: 'word', expected a list"),
        ({"content": None}, "content: null, expected a list"),
        ({"content": ["word"]}, "content[0]: 'word', expected an object"),
        ({"content": [{"text": "word"}]}, "content[0].type: missing, expected a string"),
        ({"content": [{"type": "text"}]}, "content[0].text: missing, expected a string"),
        ({"content": [{"type": "thinking", "thinking": 1}]}, "content[0].thinking: 1, expected a string"),
        (
            {"content": [{"type": "tool_use", "id": "t", "name": "tide", "input": "{}"}]},
            "content[0].input: '{}', expected an object",
        ),
        (
            {"content": [{"type": "tool_use", "id": "t", "name": "", "input": {}}]},
            "content[0].name: '', expected the name of a tool",
        ),
        ({"stop_reason": None}, f"stop_reason: null, expected {REASONS}"),
        ({"stop_reason": "refusal"}, "stop_reason: 'refusal', expected an answer"),
        ({"stop_reason": "stop"}, f"stop_reason: 'stop', expected {REASONS}"),
        ({"usage": {"input_tokens": 1}}, "usage.output_tokens: missing, expected a count"),
        ({"usage": {"input_tokens": -1, "output_tokens": 1}}, "usage.input_tokens: -1, expected a count"),
        (
            {"usage": {"input_tokens": 1, "output_tokens": 1, "cache_read_input_tokens": "1"}},
            "usage.cache_read_input_tokens: '1', expected a count",
        ),
    ],
)
def test_a_planted_fault_is_found(changes: dict[str, Any], fault: str) -> None:
    """One departure gives one fault that names its place, what is there and what was expected."""
    seen = read_message(**changes)
    assert seen.error is None
    assert seen.faults == (fault,)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"usage": None},
        {"content": []},
        {"content": [{"type": "redacted_thinking", "data": "x"}, {"type": "text", "text": "word"}]},
        {"content": [{"type": "invented_later", "x": 1}]},
        {"content": [{"type": "tool_use", "id": "", "name": "tide", "input": {}}], "stop_reason": "tool_use"},
        {"stop_reason": "pause_turn"},
        {"container": None, "context_management": {}},
    ],
)
def test_what_is_documented_is_no_fault(changes: dict[str, Any]) -> None:
    """Blocks of newer types and empty content are read in silence."""
    assert read_message(**changes).faults == ()


def test_cached_input_is_added_to_the_input() -> None:
    """Anthropic counts cached input beside the rest; the observation holds the sum, and what the cache gave."""
    counts = {"input_tokens": 3, "cache_creation_input_tokens": 10, "cache_read_input_tokens": 100, "output_tokens": 7}
    seen = read_message(usage={**counts, "output_tokens_details": {"thinking_tokens": 5}})
    assert seen.usage == Usage(113, 7, None, 5, 100)


def test_thinking_is_reasoning() -> None:
    """Thinking blocks are reasoning, and no text."""
    blocks = [{"type": "thinking", "thinking": "hm", "signature": "x"}, {"type": "text", "text": "word"}]
    answer = read_message(content=blocks).answer
    assert answer is not None
    assert (answer.reasoning, answer.text) == ("hm", "word")


START = {
    "type": "message_start",
    "message": message(content=[], stop_reason=None, usage={"input_tokens": 9, "output_tokens": 1}),
}
TEXT = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
WORD = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "word"}}
STOP = {"type": "content_block_stop", "index": 0}
END = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}}
DONE = {"type": "message_stop"}
GOOD = (START, TEXT, WORD, STOP, END, DONE)


def test_a_stream_that_repeats_no_input() -> None:
    """The input of `message_start` holds where `message_delta` brings the output only."""
    seen = read_anthropic(*GOOD)
    assert (seen.faults, seen.stream_end) == ((), StreamEnd.COMPLETE)
    assert [(usage.input_tokens, usage.output_tokens) for usage in seen.usages] == [(9, 1), (9, 3)]


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        ((START, TEXT, {**WORD, "index": "0"}, STOP, END, DONE), "events[2].index: '0', expected a count"),
        (
            (START, TEXT, {**WORD, "delta": {"type": "text_delta"}}, STOP, END, DONE),
            "events[2].delta.text: missing",
        ),
        ((START, TEXT, {**WORD, "delta": None}, STOP, END, DONE), "events[2].delta: null, expected an object"),
        (
            (START, {**TEXT, "content_block": {}}, STOP, END, DONE),
            "events[1].content_block.type: missing, expected a string",
        ),
        (({"type": "message_start", "message": 1}, END, DONE), "events[0].message: 1, expected an object"),
        (({**START, "message": message(type="odd")}, END, DONE), "events[0].message.type: 'odd', expected 'message'"),
        (({**START, "message": message(role="user")}, END, DONE), "events[0].message.role: 'user', expected"),
        (
            (START, {**END, "delta": {"stop_reason": "odd"}}, DONE),
            "events[1].delta.stop_reason: 'odd'",
        ),
        ((START, {**END, "usage": {"output_tokens": -1}}, DONE), "events[1].usage.output_tokens: -1, expected a count"),
        (
            (START, {**END, "delta": {"stop_reason": "refusal"}}, DONE),
            "events[1].delta.stop_reason: 'refusal', expected",
        ),
        ((START, WORD, END, DONE), "events[1].index: 0, expected a block that content_block_start opened"),
        ((START, STOP, END, DONE), "events[1].index: 0, expected a block that content_block_start opened"),
        ((START, TEXT, STOP, WORD, END, DONE), "events[3].index: 0, expected a block that content_block_start opened"),
        ((START, TEXT, WORD, END, DONE), "events[4]: message_stop within a block, expected content_block_stop before"),
        ((START, TEXT, STOP, START, END, DONE), "events[3]: a second message_start, expected one"),
        (
            (START, TEXT, {**WORD, "delta": {"type": "thinking_delta", "thinking": "hm"}}, STOP, END, DONE),
            "events[2].delta.type: 'thinking_delta', expected a delta of the open block, 'text'",
        ),
        ((*GOOD, WORD), "events[6]: an event after message_stop, expected the end of the stream"),
    ],
)
def test_a_planted_fault_in_a_stream_is_found(events: tuple[Any, ...], fault: str) -> None:
    """One departure in a stream is a fault at the number of its event."""
    faults = read_anthropic(*events).faults
    assert any(found.startswith(fault) for found in faults)
    assert len(faults) == (2 if "message: 1" in fault else 1)


def test_an_event_field_that_contradicts_its_data_is_a_fault() -> None:
    """Anthropic's SDK goes by the `event` field, so it must be there and true."""
    body = b'data: {"type":"message_stop"}\n\n'
    seen = read(venue(dialect="anthropic"), STREAM, exchange(body, headers=SSE_TYPE))
    assert seen.faults == ("events[0]: event field None, expected 'message_stop' as in its data",)


@pytest.mark.parametrize(
    "extra",
    [
        {"type": "ping"},
        {"type": "invented_later", "x": 1},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "x"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": {}}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "invented_later"}},
    ],
)
def test_what_says_nothing_is_no_token(extra: dict[str, Any]) -> None:
    """Pings, signatures, citations and newer events are neither faults nor tokens."""
    seen = read_anthropic(START, TEXT, extra, WORD, STOP, END, DONE)
    assert seen.faults == ()
    assert [delta.text for delta in seen.deltas] == ["word"]


@pytest.mark.parametrize(
    ("error_type", "kind"),
    [
        ("overloaded_error", ErrorKind.OVERLOADED),
        ("rate_limit_error", ErrorKind.RATE_LIMITED),
        ("api_error", ErrorKind.SERVER_ERROR),
        ("authentication_error", ErrorKind.AUTH_REFUSED),
        ("invented_later", ErrorKind.ERROR_IN_200),
    ],
)
def test_an_error_event_keeps_what_came_before(error_type: str, kind: ErrorKind) -> None:
    """The answer so far stays, and the error has the kind of its type."""
    seen = read_anthropic(START, TEXT, WORD, {"type": "error", "error": {"type": error_type, "message": "no"}})
    assert seen.stream_end is StreamEnd.ERROR_EVENT
    assert seen.answer is not None
    assert seen.answer.text == "word"
    assert seen.error is not None
    assert (seen.error.kind, seen.error.venue_code, seen.error.venue_message) == (kind, error_type, "no")


def test_tool_input_of_a_block_that_is_sent_whole() -> None:
    """Input that stands in `content_block_start` itself is not lost."""
    block = {"type": "tool_use", "id": "t", "name": "tide", "input": {"a": 1}}
    start = {"type": "content_block_start", "index": 0, "content_block": block}
    answer = read_anthropic(START, start, STOP, {**END, "delta": {"stop_reason": "tool_use"}}, DONE).answer
    assert answer is not None
    assert answer.tool_calls[0].arguments == '{"a":1}'


@pytest.mark.parametrize(
    ("rest", "faults"),
    [
        ("data: [DONE]\n\n", 0),
        ("data: [DONE]\n\ndata: [DONE]\n\n", 1),
        ("data: done\n\n", 1),
        ('event: ping\ndata: {"type":"ping"}\n\n', 1),
    ],
)
def test_what_follows_the_end_of_a_message(rest: str, faults: int) -> None:
    """Proxies add one `[DONE]` after `message_stop`; anything else is a fault."""
    body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in GOOD) + rest
    seen = read(venue(dialect="anthropic"), STREAM, exchange(body, headers=SSE_TYPE))
    assert (len(seen.faults), seen.stream_end) == (faults, StreamEnd.COMPLETE)


def test_blocks_of_newer_types_are_filled_by_any_delta() -> None:
    """The order of blocks is judged, and what fills one of an unknown type is not."""
    start = {**TEXT, "content_block": {"type": "invented_later"}}
    assert read_anthropic(START, start, WORD, STOP, END, DONE).faults == ()
