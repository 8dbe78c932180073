"""How streams end, when their tokens came, and what of a broken one is still read."""

import json
from decimal import Decimal
from typing import Any

import pytest

from dialects.builders import (
    CHAT,
    NS_PER_MS,
    SSE_TYPE,
    STREAM,
    chunk,
    completion,
    exchange,
    message,
    read_anthropic,
    read_stream,
    venue,
)
from pytest_darkhost.dialects.reading import read
from pytest_darkhost.observations import Chunk, Delta, ErrorKind, Marks, Phase, ProbeError, StreamEnd, Timeline

ROLE = chunk(role="assistant", content="")
WORD = chunk(content="word")
STOP = chunk("stop")
USAGE = {**chunk(), "choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 50, "total_tokens": 59}}
ERROR = {"error": {"message": "no", "code": "engine_overloaded"}}
DIED = {**chunk(), "choices": [{"index": 0, "delta": {"content": ""}, "error": {"code": 502, "message": "died"}}]}
CUT = ProbeError(ErrorKind.CUT, "the connection was closed within the body", Phase.BODY, 200)


@pytest.mark.parametrize(
    ("events", "done", "end", "error"),
    [
        ([ROLE, WORD, STOP], "[DONE]", StreamEnd.COMPLETE, None),
        ([ROLE, WORD, STOP], " [DONE] ", StreamEnd.COMPLETE, None),
        ([ROLE, WORD, STOP], None, StreamEnd.CUT, None),
        ([ROLE, WORD], None, StreamEnd.CUT, None),
        ([ROLE, WORD], "[DONE]", StreamEnd.NO_FINISH_REASON, None),
        ([], "[DONE]", StreamEnd.NO_FINISH_REASON, None),
        ([], None, StreamEnd.EMPTY, None),
        ([ROLE, WORD, ERROR], None, StreamEnd.ERROR_EVENT, ErrorKind.OVERLOADED),
        ([ROLE, WORD, STOP, ERROR], "[DONE]", StreamEnd.ERROR_EVENT, ErrorKind.OVERLOADED),
        ([{"error": "out of order"}], "[DONE]", StreamEnd.ERROR_EVENT, ErrorKind.ERROR_IN_200),
        ([{"error": {"message": "no", "status_code": 503}}], None, StreamEnd.ERROR_EVENT, ErrorKind.OVERLOADED),
        ([{"error": {"message": "no", "code": 401}}], None, StreamEnd.ERROR_EVENT, ErrorKind.AUTH_REFUSED),
        ([USAGE, STOP], "[DONE]", StreamEnd.COMPLETE, None),
        ([WORD, chunk("error")], "[DONE]", StreamEnd.ERROR_EVENT, ErrorKind.ERROR_IN_200),
        ([WORD, DIED], "[DONE]", StreamEnd.ERROR_EVENT, ErrorKind.SERVER_ERROR),
    ],
)
def test_every_end_of_a_stream(events: list[Any], done: str | None, end: StreamEnd, error: ErrorKind | None) -> None:
    """A finish reason and the terminator make a complete stream; each that is missing has its own name."""
    seen = read_stream(*events, done=done)
    assert seen.stream_end is end
    assert (seen.error.kind if seen.error else None) is error


@pytest.mark.parametrize(
    ("body", "end"),
    [
        (b"", StreamEnd.EMPTY),
        (b"\n\n", StreamEnd.EMPTY),
        (b": keep-alive\n\n", StreamEnd.EMPTY),
        (b'data: {"object":', StreamEnd.CUT),
        (b"event: message\n", StreamEnd.CUT),
        (b"data: [DONE]\n", StreamEnd.CUT),
    ],
)
def test_nothing_arrived_or_the_beginning_of_something(body: bytes, end: StreamEnd) -> None:
    """No event at all is empty; the beginning of one is a cut."""
    seen = read(venue(), STREAM, exchange(body, headers=SSE_TYPE))
    assert (seen.stream_end, seen.answer, seen.error) == (end, None, None)


@pytest.mark.parametrize("event", ["event: error\ndata: boom\n\n", 'event: error\ndata: "boom"\n\n'])
def test_an_error_event_of_any_form(event: str) -> None:
    """An error event is one by its name, whatever its data."""
    seen = read(venue(), STREAM, exchange(event, headers=SSE_TYPE))
    assert seen.stream_end is StreamEnd.ERROR_EVENT
    assert seen.error is not None
    assert (seen.error.kind, seen.error.phase, seen.error.status) == (ErrorKind.ERROR_IN_200, Phase.BODY, 200)
    assert seen.error.venue_message is not None
    assert "boom" in seen.error.venue_message


def test_a_cut_stream_is_read_as_far_as_it_came() -> None:
    """The transport's error stays; answer, usage and deltas that came before it are kept."""
    seen = read_stream(ROLE, WORD, USAGE, done=None, error=CUT)
    assert seen.error is CUT
    assert seen.stream_end is StreamEnd.CUT
    assert seen.answer is not None
    assert (seen.answer.text, seen.answer.finish_reason) == ("word", None)
    assert seen.usage is not None
    assert len(seen.deltas) == 1


def test_an_error_event_outdoes_the_cut_that_follows_it() -> None:
    """Venues that report an error seldom end the connection well: the report says more than the cut."""
    seen = read_stream(WORD, ERROR, done=None, error=CUT)
    assert seen.error is not None
    assert (seen.error.kind, seen.error.venue_code) == (ErrorKind.OVERLOADED, "engine_overloaded")


def test_a_cut_answer_that_was_no_stream_is_not_read() -> None:
    """Half a JSON body says nothing beyond the transport's error."""
    seen = read(venue(), CHAT, exchange(b'{"object":"chat.com', error=CUT))
    assert (seen.error, seen.answer, seen.faults, seen.stream_end) == (CUT, None, (), None)


def test_a_failure_before_any_response_has_no_stream() -> None:
    """Without a status there was no stream that could have ended."""
    error = ProbeError(ErrorKind.CONNECTION_REFUSED, "refused", Phase.CONNECT)
    seen = read(venue(), STREAM, exchange(b"", None, (), error=error, marks=Marks(dns_ns=NS_PER_MS)))
    assert (seen.error, seen.stream_end, seen.timeline) == (error, None, Timeline(dns_ms=1.0))


def test_an_error_status_beats_the_error_of_its_body() -> None:
    """A body that broke after an error status is the transport's matter."""
    assert read(venue(), STREAM, exchange(b"x", 503, error=CUT)).error is CUT


def test_times_of_a_stream() -> None:
    """Times are those of the chunks: the role at 10 ms is no token, nor is the finish reason or the usage."""
    thought = chunk(reasoning_content="hm")
    seen = read_stream(ROLE, thought, WORD, WORD, STOP, USAGE)
    assert seen.deltas == (
        Delta(20.0, reasoning="hm"),
        Delta(30.0, text="word"),
        Delta(40.0, text="word"),
    )
    assert seen.timeline == Timeline(
        first_byte_ms=4.0, first_token_ms=20.0, first_answer_token_ms=30.0, last_token_ms=40.0, end_ms=9.0
    )


def test_a_tool_call_is_an_answer_token() -> None:
    """The name of a tool is generated, so it is a token; an empty fragment is none."""
    first = {"index": 0, "id": "c", "type": "function", "function": {"name": "tide", "arguments": ""}}
    empty = {"index": 0, "function": {"arguments": ""}}
    seen = read_stream(ROLE, chunk(tool_calls=[first]), chunk(tool_calls=[empty]), chunk("tool_calls"))
    assert seen.deltas == (Delta(20.0, tool=True),)
    assert (seen.timeline.first_token_ms, seen.timeline.first_answer_token_ms) == (20.0, 20.0)


def test_marks_of_the_wire_become_milliseconds() -> None:
    """All marks are taken over, and those that did not happen stay out."""
    marks = Marks(1_000_000, 2_500_000, 3_000_000, 3_100_000, 50_000_000, 60_000_001)
    timeline = read(venue(), CHAT, exchange(completion(), marks=marks)).timeline
    assert timeline == Timeline(1.0, 2.5, 3.0, 3.1, 50.0, end_ms=60.000001)


def test_several_events_in_one_chunk_share_its_time() -> None:
    """Events that came in one read of the socket came at one time."""
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in (ROLE, WORD, WORD)).encode()
    chunks = (Chunk(7 * NS_PER_MS, body[:-1]), Chunk(9 * NS_PER_MS, body[-1:]))
    seen = read(venue(), STREAM, exchange(headers=SSE_TYPE, chunks=chunks))
    assert [delta.at_ms for delta in seen.deltas] == [7.0, 9.0]


def test_a_comment_before_the_first_token_changes_nothing() -> None:
    """Keep-alive comments are neither events nor tokens."""
    body = f": keep-alive\r\n\r\ndata: {json.dumps(WORD)}\r\n\r\n".encode()
    chunks = (Chunk(NS_PER_MS, body[:16]), Chunk(8 * NS_PER_MS, body[16:]))
    assert read(venue(), STREAM, exchange(headers=SSE_TYPE, chunks=chunks)).timeline.first_token_ms == 8.0


def test_usage_without_any_content_is_told_as_it_is() -> None:
    """A stream that reports 50 tokens and sends none has usage, no deltas and no text."""
    seen = read_stream(ROLE, STOP, USAGE)
    assert (seen.deltas, seen.answer.text if seen.answer else None) == ((), "")
    assert seen.usage is not None
    assert seen.usage.output_tokens == 50


@pytest.mark.parametrize(
    "places",
    [
        {"usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}},
        {"x_groq": {"usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}},
        {"choices": [{"delta": {}, "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}]},
    ],
    ids=["chunk", "x_groq", "choice"],
)
def test_usage_in_every_place(places: dict[str, Any]) -> None:
    """Usage is found on the chunk, in `x_groq` and on the choice."""
    last = {**chunk(), **places}
    if "usage" not in places:
        last.pop("usage")
    usage = read_stream(WORD, STOP, last).usage
    assert usage is not None
    assert usage.total_tokens == 3


def test_a_stream_without_usage_has_none() -> None:
    """Usage that was not reported is not made up."""
    seen = read_stream(WORD, STOP)
    assert (seen.usage, seen.usages) == (None, ())


def test_costs_of_the_venue_are_exact() -> None:
    """Amounts are the decimals that were written, in USD."""
    counts = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}
    for extra, cost in (
        ({"estimated_cost": 5.16e-06}, "0.00000516"),
        ({"cost_in_usd_ticks": 731000}, "0.0000731"),
        ({"cost": 1.25}, "1.25"),
    ):
        usage = read(venue(), CHAT, exchange(completion(usage={**counts, **extra}))).usage
        assert usage is not None
        assert usage.cost_usd == Decimal(cost)


def test_a_length_finish_is_at_the_token_ceiling() -> None:
    """The reason is kept as the venue spells it."""
    answer = read_stream(WORD, chunk("length")).answer
    assert answer is not None
    assert answer.at_token_ceiling


def test_the_other_dialect_s_stream_is_told() -> None:
    """Anthropic's events to an OpenAI spec, and chunks to an Anthropic one, are the wrong dialect."""
    start = {"type": "message_start", "message": message()}
    seen = read_stream(start, {"type": "message_stop"}, done=None)
    assert seen.error is not None
    assert (seen.error.kind, seen.error.phase) == (ErrorKind.WRONG_DIALECT, Phase.PARSE)
    other = read_anthropic({**WORD, "type": "chunk"})
    assert other.error is not None
    assert other.error.kind is ErrorKind.WRONG_DIALECT


def test_events_that_are_not_json_are_told() -> None:
    """A stream of which no event is JSON is not JSON."""
    seen = read_stream("hello", "world", done=None)
    assert seen.error is not None
    assert seen.error.kind is ErrorKind.NOT_JSON
    assert seen.stream_end is StreamEnd.CUT


def test_pings_say_nothing() -> None:
    """A ping with or without JSON is neither a chunk nor a fault."""
    body = (
        "event: ping\ndata: now\n\n" + "".join(f"data: {json.dumps(e)}\n\n" for e in (WORD, STOP)) + "data: [DONE]\n\n"
    )
    seen = read(venue(), STREAM, exchange(body, headers=SSE_TYPE))
    assert (seen.faults, seen.stream_end) == ((), StreamEnd.COMPLETE)


def test_a_call_without_a_name_keeps_its_arguments() -> None:
    """Arguments that belong to no named call are shown as a call without a name, not dropped."""
    seen = read_stream(chunk(tool_calls=[{"function": {"arguments": "{}"}}]), chunk("tool_calls"))
    assert seen.answer is not None
    assert [(call.name, call.arguments) for call in seen.answer.tool_calls] == [("", "{}")]


def test_blanks_are_no_first_token() -> None:
    """A blank that is sent at once does not make the first token early, in text or in reasoning."""
    seen = read_stream(chunk(content=" "), chunk(reasoning="\n"), chunk(reasoning="hm"), WORD, STOP)
    assert (seen.timeline.first_token_ms, seen.timeline.first_answer_token_ms) == (30.0, 40.0)
    assert len(seen.deltas) == 4


def test_an_error_of_a_choice_is_told_in_the_venue_s_words() -> None:
    """The error that ended a choice is the error of the probe, and what came before it is kept."""
    seen = read_stream(WORD, DIED)
    assert seen.error is not None
    assert (seen.error.venue_code, seen.error.venue_message) == ("502", "died")
    assert seen.answer is not None
    assert seen.answer.text == "word"


@pytest.mark.parametrize("line", [b"data: {}\n\n", b":\n\n", b"\n"], ids=["event", "comment", "blank line"])
def test_a_stream_of_too_many_events_is_not_read_to_its_end(line: bytes) -> None:
    """Megabytes of tiny events, or of nothing, end in an error."""
    body = line * (8_000_000 // len(line))
    seen = read(venue(), STREAM, exchange(body, headers=SSE_TYPE))
    assert seen.error is not None
    assert seen.error.kind is ErrorKind.TOO_LARGE
    assert "more than 20000 events or blank lines, expected at most 20000" in seen.error.message
    assert seen.stream_end is StreamEnd.CUT


def test_as_many_events_as_are_allowed() -> None:
    """The cap counts events, and the last that is allowed is still read."""
    event = f"data: {json.dumps(WORD)}\n\n"
    body = event * 19_998 + f"data: {json.dumps(STOP)}\n\ndata: [DONE]\n\n"
    seen = read(venue(), STREAM, exchange(body, headers=SSE_TYPE))
    assert (seen.error, seen.stream_end, len(seen.deltas)) == (None, StreamEnd.COMPLETE, 19_998)
