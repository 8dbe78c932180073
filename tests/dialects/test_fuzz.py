"""Nothing that a venue can send makes the reader raise."""

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dialects.builders import CHAT, JSON_TYPE, META, MODELS, SAMPLES, SSE_TYPE, STREAM, exchange, sample_exchange, venue
from pytest_darkhost.dialects.reading import read
from pytest_darkhost.observations import Chunk, ErrorKind, Observation, ProbeError

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 1e308, 10**30, -(10**400), float("nan"), float("inf"), "", "x", "\ud800",
    "\x00\x1b[1m", [], {}, [[]], [None], {"": None}, {"a": {"b": []}}, "chat.completion", "message", "error",
    [{"error": 1}],
)  # fmt: skip
SPECS = (venue("openai"), venue("anthropic"))
PROBES = (CHAT, STREAM, MODELS)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container within a value, with each of its keys."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from places(value[key])


def mutated(value: Any, chance: random.Random) -> Any:
    """Return a copy of a value in which one to three places are changed or missing."""
    result = copy.deepcopy(value)
    for _ in range(chance.randint(1, 3)):
        found = list(places(result))
        if not found:
            return chance.choice(ODD)
        container, key = chance.choice(found)
        if chance.random() < 0.2:
            del container[key]
        else:
            container[key] = copy.deepcopy(chance.choice(ODD))
    return result


def is_sound(seen: Observation) -> None:
    """Assert what holds of every observation: it can be printed, encoded and counted."""
    repr(seen)
    texts = [*seen.faults, *(seen.listed_models or ())]
    if seen.answer is not None:
        calls = seen.answer.tool_calls
        texts += [seen.answer.text, seen.answer.reasoning, *(call.arguments + call.name for call in calls)]
    if seen.error is not None:
        texts += [seen.error.message, seen.error.venue_message or "", seen.error.venue_code or ""]
    for text in texts:
        text.encode()
    for usage in seen.usages:
        assert min(usage.input_tokens, usage.output_tokens) >= 0
    assert len(seen.faults) <= 22


def json_samples() -> list[tuple[int, Any]]:
    """Return status and value of all JSON samples."""
    names = [(name, file) for name, group in META.items() for file in group if file.endswith(".json")]
    return [(META[n][f]["status"], json.loads((SAMPLES / n / f).read_text(encoding="utf-8"))) for n, f in names]


def stream_samples() -> list[list[tuple[str, Any]]]:
    """Return the events of all streams: their other lines, and the value of their data."""
    bodies = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*/*.sse"))]
    blocks = [[block for block in body.split("\n\n") if block] for body in bodies]
    return [[_parsed(block) for block in group] for group in blocks]


def _parsed(block: str) -> tuple[str, Any]:
    lines = block.split("\n")
    data = lines[-1].removeprefix("data: ")
    return "".join(f"{line}\n" for line in lines[:-1]), data if data == "[DONE]" else json.loads(data)


def test_mutated_json_is_read_without_raising() -> None:
    """Two thousand changed answers, lists and errors, with good and bad statuses, for every probe and dialect."""
    chance = random.Random(20261122)
    samples = json_samples()
    for _ in range(2000):
        status, value = chance.choice(samples)
        sent = exchange(mutated(value, chance), chance.choice([status, 200, 418]), JSON_TYPE)
        is_sound(read(chance.choice(SPECS), chance.choice(PROBES), sent))


def test_mutated_streams_are_read_without_raising() -> None:
    """A thousand streams with a changed event, cut anywhere, for both dialects."""
    chance = random.Random(20261123)
    samples = stream_samples()
    for _ in range(1000):
        events = list(chance.choice(samples))
        place = chance.randrange(len(events))
        events[place] = (events[place][0], mutated(events[place][1], chance))
        text = "".join(f"{head}data: {written(value)}\n\n" for head, value in events)
        body = text.encode(errors="surrogatepass")
        body = body[: chance.randint(0, len(body))] if chance.random() < 0.3 else body
        cut = chance.randint(0, len(body))
        sent = exchange(headers=SSE_TYPE, chunks=(Chunk(1, body[:cut]), Chunk(2, body[cut:])))
        is_sound(read(chance.choice(SPECS), chance.choice((STREAM, STREAM, CHAT)), sent))


def written(value: Any) -> str:
    """Return the data of an event."""
    return value if isinstance(value, str) else json.dumps(value)


def test_random_bytes_are_read_without_raising() -> None:
    """Bytes that were flipped, dropped or made up end in an observation, too."""
    chance = random.Random(20261124)
    samples = [sample_exchange(name, file) for name, group in META.items() for file in group]
    for _ in range(1000):
        sent = chance.choice(samples)
        body = bytearray(sent.body)
        for _ in range(chance.randint(1, 8)):
            if body:
                body[chance.randrange(len(body))] = chance.randrange(256)
        is_sound(read(chance.choice(SPECS), chance.choice(PROBES), replace(sent, chunks=(Chunk(1, bytes(body)),))))


@pytest.mark.parametrize(
    "body",
    [
        b'{"object":"chat.completion","choices":[{"message":{"role":"assistant","tool_calls":[{"function":{"name":"a",'
        b'"arguments":{"a":' + b"[" * 900 + b"]" * 900 + b"}}}]}}]}",
        b'{"error":' + b'{"error":' * 20_000 + b"1" + b"}" * 20_001,
        b'{"usage":{"prompt_tokens":1e999,"completion_tokens":' + b"9" * 10_000 + b'},"choices":[]}',
        b'{"error":{"code":' + b"9" * 5000 + b',"message":{"deep":[]},"details":{"a":1}}}',
        b'{"choices":[' + b"{}," * 10_000 + b"{}]}",
    ],
    ids=["deep arguments", "deep error", "huge numbers", "huge code", "many choices"],
)
def test_hostile_bodies_end_in_an_observation(body: bytes) -> None:
    """Depth, size and number beyond reason are read or refused, never raised."""
    for spec in SPECS:
        for probe in PROBES:
            for status in (200, 500):
                is_sound(read(spec, probe, exchange(body, status)))
        is_sound(read(spec, STREAM, exchange(b"event: error\ndata: " + body + b"\n\n", headers=SSE_TYPE)))


def test_a_stream_of_nothing_but_faults_stays_small() -> None:
    """Twenty thousand bad events leave a few faults."""
    body = b"data:{}\n\n" * 10_000 + b"data:NaN\n\n" * 10_000
    seen = read(venue(), STREAM, exchange(body, headers=SSE_TYPE))
    assert len(seen.faults) <= 22
    assert seen.error is not None
    assert seen.error.kind is ErrorKind.WRONG_DIALECT


def test_an_error_of_the_transport_is_never_lost() -> None:
    """Whatever arrived, an observation with a transport error has an error."""
    chance = random.Random(20261125)
    cut = ProbeError(ErrorKind.CUT, "cut", status=200)
    for events in stream_samples():
        body = "".join(f"{head}data: {written(value)}\n\n" for head, value in events).encode()
        part = body[: chance.randint(0, len(body))]
        assert read(venue(), STREAM, exchange(part, headers=SSE_TYPE, error=cut)).error is not None
