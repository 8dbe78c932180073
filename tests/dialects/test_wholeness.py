"""A stream that came whole can be read later: nothing in it bears on the next call."""

import random
from typing import Any

import pytest

from dialects.builders import CHAT, META, MODELS, SSE_TYPE, STREAM, exchange, sample_exchange, venue
from dialects.test_fuzz import SPECS, mutated, stream_samples, written
from pytest_darkhost.dialects.reading import read
from pytest_darkhost.dialects.wholeness import came_whole
from pytest_darkhost.observations import Chunk, ErrorKind, ProbeError
from pytest_darkhost.runner.patience import pause_after

TEXT = b'data: {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "a"}}]}\n\n'
WHOLE = TEXT + b"data: [DONE]\n\n"
ASKS = {"error": {"message": "too many requests", "code": "rate_limit_exceeded"}}


def stream(body: bytes, **changes: Any) -> Any:
    """Return the exchange of a stream that came in two pieces."""
    return exchange(headers=SSE_TYPE, chunks=(Chunk(1, body[:40]), Chunk(2, body[40:])), **changes)


def test_a_good_stream_came_whole() -> None:
    """The usual stream can be read later, and so can most of the samples of either dialect."""
    assert came_whole(venue("openai"), STREAM, stream(WHOLE))
    names = [(name, file) for name, group in META.items() for file in group if file.endswith(".sse")]
    whole = [came_whole(venue(name), STREAM, sample_exchange(name, file)) for name, file in names]
    assert sum(whole) * 2 > len(whole)


@pytest.mark.parametrize(
    ("probe", "seen"),
    [
        (STREAM, stream(TEXT)),
        (STREAM, stream(WHOLE, status=429)),
        (STREAM, stream(WHOLE, error=ProbeError(ErrorKind.CUT, "cut"))),
        (STREAM, stream(b"event: error\ndata: {}\n\n" + WHOLE)),
        (STREAM, stream(f"data: {written(ASKS)}\n\n".encode() + WHOLE)),
        (STREAM, exchange(ASKS)),
        (CHAT, exchange({"object": "chat.completion"})),
        (MODELS, exchange({"data": []})),
    ],
    ids=["no terminator", "status", "cut", "event", "error", "no stream", "chat", "list"],
)
def test_whatever_may_bear_on_the_next_call_is_read_at_once(probe: Any, seen: Any) -> None:
    """Errors of every sort, and answers that were not asked for as streams."""
    assert not came_whole(venue("openai"), probe, seen)


def test_no_stream_that_came_whole_asks_to_wait_by_what_it_says() -> None:
    """Of a thousand changed streams, none that can be read later asks for another pause than its headers do."""
    chance, samples = random.Random(20261126), stream_samples()
    later = 0
    for _ in range(1000):
        events = list(chance.choice(samples))
        place = chance.randrange(len(events))
        events[place] = (events[place][0], mutated(events[place][1], chance))
        body = "".join(f"{head}data: {written(value)}\n\n" for head, value in events).encode(errors="surrogatepass")
        spec, seen = chance.choice(SPECS), stream(body)
        if came_whole(spec, STREAM, seen):
            later += 1
            assert not pause_after(read(spec, STREAM, seen)).refused
    assert later > 100
