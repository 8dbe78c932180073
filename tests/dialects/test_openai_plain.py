"""The short way through the commonest chunk says what the long way says, of every chunk that it takes."""

import copy
import json
from typing import Any

import pytest

from dialects.test_fuzz import ODD, places, stream_samples
from pytest_darkhost.dialects import openai
from pytest_darkhost.dialects.openai_plain import plain
from pytest_darkhost.dialects.pieces import Piece
from pytest_darkhost.dialects.sse import SseEvent

PLAIN: dict[str, Any] = {
    "id": "composed-1",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "delta": {"role": "assistant", "content": "text"}, "finish_reason": None}],
}
BESIDE: tuple[Any, ...] = (
    *ODD,
    "\u00e9",
    "error",
    "stop",
    "n" * 201,
    {"error": "x"},
    {"prompt_tokens": 1},
    [{"index": 0}],
)


def both_ways(value: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[Piece, ...], list[str]]]:
    """Return the pieces and the faults of one event, read the short way where that takes it, and the long way."""
    read = []
    for way in (plain, lambda _value, _at_ns: None):
        monkeypatch.setattr(openai, "plain", way)
        faults: list[str] = []
        read.append((tuple(openai.pieces((SseEvent(json.dumps(value), None, 7),), faults)), faults))
    return read


def changed() -> list[Any]:
    """Return the plain chunk with each of its values, and each that may stand beside them, made odd."""
    whole = copy.deepcopy(PLAIN)
    delta, choice = whole["choices"][0]["delta"], whole["choices"][0]
    delta |= dict.fromkeys(("reasoning", "reasoning_content", "tool_calls"))
    choice |= dict.fromkeys(("error", "usage"))
    whole |= dict.fromkeys(("error", "usage", "x_groq"))
    found = []
    for number, _ in enumerate(places(whole)):
        for odd in BESIDE:
            result = copy.deepcopy(whole)
            container, key = list(places(result))[number]
            container[key] = copy.deepcopy(odd)
            found.append(result)
        result = copy.deepcopy(PLAIN)
        container, key = next((p for n, p in enumerate(places(result)) if n == number), (result, "created"))
        del container[key]
        found.append(result)
    return found


def test_the_plain_chunk_takes_the_short_way() -> None:
    """What most of a stream consists of is read without a node for each value."""
    piece = plain(PLAIN, 7)
    assert piece is not None
    assert (piece.text, piece.at_ns, piece.model, piece.id) == ("text", 7, "m", "composed-1")


def test_changed_chunks_are_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands in any place of a chunk, text, times, names and faults are those of the long way."""
    taken = 0
    for value in changed():
        short, long = both_ways(value, monkeypatch)
        assert short == long, value
        taken += plain(value, 7) is not None
    assert taken > 20


def test_chunks_of_real_forms_are_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """The samples of all venues; of some most events take the short way."""
    taken = 0
    for value in (value for events in stream_samples() for _, value in events if isinstance(value, dict)):
        short, long = both_ways(value, monkeypatch)
        assert short == long, value
        taken += plain(value, 7) is not None
    assert taken > 20
