"""What venues say of their own times, in headers and in the last events of a stream. All of it is composed."""

import json
from typing import Any

import pytest

from checks.factory import make_exchange
from pytest_darkhost.dialects.venue_times import VenueTimes, venue_times
from pytest_darkhost.observations import Chunk


def stream(*events: Any, headers: tuple[tuple[str, str], ...] = ()) -> VenueTimes | None:
    """Return the times that a stream of these events tells."""
    texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
    body = "".join(f"data: {text}\n\n" for text in (*texts, "[DONE]"))
    return venue_times(make_exchange(headers=headers, chunks=(Chunk(1, body.encode()),)))


GROQ = {"queue_time": 0.005, "prompt_time": 0.004, "completion_time": 0.09, "total_time": 0.094}


@pytest.mark.parametrize(
    "event", [{"usage": GROQ}, {"x_groq": {"usage": GROQ}, "usage": None}], ids=["usage", "x_groq"]
)
def test_groqs_queue_is_part_of_the_time(event: dict[str, Any]) -> None:
    """Queue and prompt lie before the first token; the queue is told apart."""
    assert stream({"choices": []}, event) == VenueTimes(pytest.approx(9.0), 5.0, "usage.queue_time + prompt_time")


def test_llama_cpp_has_timings() -> None:
    """The prompt's evaluation, in ms."""
    assert stream({"timings": {"prompt_ms": 103.154, "predicted_ms": 9}}) == VenueTimes(
        103.154, None, "timings.prompt_ms"
    )


@pytest.mark.parametrize(
    ("name", "value", "ms"),
    [("fireworks-server-time-to-first-token", "0.211", 211.0), ("openai-processing-ms", "411", 411.0)],
)
def test_headers(name: str, value: str, ms: float) -> None:
    """Seconds at one venue, milliseconds at the other."""
    assert stream({"usage": GROQ}, headers=((name, value),)) == VenueTimes(pytest.approx(ms), None, name)


@pytest.mark.parametrize(
    "event",
    [
        {},
        "not json {",
        "[{}]",
        {"usage": {"prompt_tokens": 4}},
        {"usage": {"prompt_time": "0.1"}},
        {"usage": {"prompt_time": True}},
        {"usage": {"prompt_time": -1}},
        '{"usage": {"prompt_time": NaN}}',
        {"usage": [], "x_groq": "no", "timings": 5},
        "[" * 100_000 + "{",
    ],
    ids=lambda event: str(event)[:30],
)
def test_anything_else_says_nothing(event: Any) -> None:
    """No time is made up of what cannot be read, and nothing is raised."""
    assert stream(event, headers=(("openai-processing-ms", "soon"),)) is None
