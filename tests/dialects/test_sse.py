"""Event streams are read as the WHATWG standard says."""

import time
from collections.abc import Callable

import pytest

from pytest_darkhost.dialects.sse import EventStream, SseEvent, events, read
from pytest_darkhost.observations import Chunk


def whole(body: bytes) -> EventStream:
    """Return what is read of a body that came in one chunk."""
    return read([Chunk(1, body)])


def bytewise(body: bytes) -> EventStream:
    """Return what is read of a body that came in chunks of one byte."""
    return read(Chunk(place, body[place : place + 1]) for place in range(len(body)))


@pytest.mark.parametrize("reader", [whole, bytewise])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"data: a\n\n", [("a", None)]),
        (b"data:a\n\n", [("a", None)]),
        (b"data:  a\n\n", [(" a", None)]),
        (b"data: a\r\n\r\ndata: b\r\n\r\n", [("a", None), ("b", None)]),
        (b"data: a\r\rdata: b\r\r", [("a", None), ("b", None)]),
        (b"data: a\n\r\n", [("a", None)]),
        (b"\xef\xbb\xbfdata: a\n\n", [("a", None)]),
        (b": keep-alive\n\ndata: a\n\n", [("a", None)]),
        (b": one\n: two\ndata: a\n\n", [("a", None)]),
        (b"data: a\ndata: b\n\n", [("a\nb", None)]),
        (b"data\n\n", [("", None)]),
        (b"data:\n\n", [("", None)]),
        (b"event: error\ndata: a\n\n", [("a", "error")]),
        (b"event:ping\ndata: a\n\ndata: b\n\n", [("a", "ping"), ("b", None)]),
        (b"event: x\nevent: y\ndata: a\n\n", [("a", "y")]),
        (b"event:\ndata: a\n\n", [("a", None)]),
        (b"id: 7\nretry: 10\ndata: a\n\n", [("a", None)]),
        (b"event: lonely\n\n", []),
        (b"\n\n\n\n", []),
        (b"", []),
        (b"data: a: b\n\n", [("a: b", None)]),
        (b"unknown: x\ndata: a\n\n", [("a", None)]),
        (b" data: a\n\n", []),
        ("data: føø ☃ 🦭\n\n".encode(), [("føø ☃ 🦭", None)]),
        ("data: a\u2028b\x0bc\x85d\n\n".encode(), [("a\u2028b\x0bc\x85d", None)]),
    ],
)
def test_events_of_a_body(
    reader: Callable[[bytes], EventStream], body: bytes, expected: list[tuple[str, str | None]]
) -> None:
    """Line ends, comments, fields and UTF-8 are read alike whether a body comes at once or byte by byte."""
    stream = reader(body)
    assert [(event.data, event.event) for event in stream.events] == expected
    assert not stream.unfinished


@pytest.mark.parametrize(
    ("body", "dispatched"),
    [(b"data: a\n", 0), (b"data: a", 0), (b"data: a\n\ndata: b\n", 1), (b"data: a\n\nda", 1), (b"data: a\r\n", 0)],
)
def test_an_event_without_its_blank_line_is_not_dispatched(body: bytes, dispatched: int) -> None:
    """What follows the last blank line is remembered as unfinished, and is no event."""
    stream = bytewise(body)
    assert len(stream.events) == dispatched
    assert stream.unfinished


def test_a_trailing_comment_is_not_unfinished() -> None:
    """A comment after the last event says nothing, so nothing is missing."""
    assert not whole(b"data: a\n\n: bye\n").unfinished


def test_bytes_that_are_not_utf_8_are_kept_apart_from_replacement_characters() -> None:
    """An invalid byte becomes a lone surrogate; a U+FFFD that the venue wrote stays one."""
    assert events([Chunk(1, b"data: \xff\n\n")])[0].data == "\udcff"
    assert events([Chunk(1, "data: \ufffd\n\n".encode())])[0].data == "\ufffd"


def test_the_stamp_is_that_of_the_chunk_that_completed_the_event() -> None:
    """An event has the time of the chunk with the end of its blank line, not of its first byte or the next chunk."""
    chunks = [Chunk(10, b"data: a"), Chunk(20, b"\n"), Chunk(30, b"\ndata: b\n\nda"), Chunk(40, b"ta: c\n\n")]
    assert events(chunks) == (SseEvent("a", None, 30), SseEvent("b", None, 30), SseEvent("c", None, 40))


def test_a_blank_line_ends_with_its_carriage_return() -> None:
    """CR LF that is split over chunks ends the event at the CR, and gives no second blank line."""
    chunks = [Chunk(10, b"data: a\r\n\r"), Chunk(20, b""), Chunk(30, b"\ndata: b\r\n\r\n")]
    assert events(chunks) == (SseEvent("a", None, 10), SseEvent("b", None, 30))


def test_empty_chunks_have_no_part_in_a_stamp() -> None:
    """A chunk without bytes, before or after an event, is never its time."""
    assert events([Chunk(1, b""), Chunk(2, b"data: a\n\n"), Chunk(3, b"")]) == (SseEvent("a", None, 2),)


def cpu_s(chunks: list[Chunk]) -> float:
    """Return the least CPU time of two readings in seconds."""
    spent = []
    for _ in range(2):
        start = time.process_time()
        read(chunks)
        spent.append(time.process_time() - start)
    return min(spent)


@pytest.mark.parametrize(
    "make",
    [
        lambda size: [Chunk(0, b"x")] * size,
        lambda size: [Chunk(0, b"data: a\n\n")] * (size // 9),
        lambda size: [Chunk(0, b"\r\n")] * (size // 2),
        lambda size: [Chunk(0, b"data: " + b"x" * (20 * size))],
        lambda size: [Chunk(0, b"data: x\n" * (size // 8))],
    ],
    ids=["one-byte chunks", "small events", "blank lines", "one giant line", "one giant event"],
)
def test_reading_takes_linear_time(make: Callable[[int], list[Chunk]]) -> None:
    """Eight times the bytes take far less than the 64 times of a quadratic reader."""
    small, large = cpu_s(make(20_000)), cpu_s(make(160_000))
    assert large < max(24 * small, 0.05)
