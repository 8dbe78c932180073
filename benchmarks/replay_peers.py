"""
What a test of one HTTP answer costs by pytest-recording and by Tavern, beside a replayed check of ours.

Each over an empty test of its own pytest. Tavern replays nothing: it asks a loopback server, whose time is not counted.
"""

import json
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import yaml

from benchmarks.commands import Command, interleaved, workplace
from benchmarks.environments import python_of
from benchmarks.figures import Figure
from benchmarks.projects import write_plain
from benchmarks.replay import RUN, expect, write
from support.keys import KEY
from support.venue_server import VenueServer

_PACKAGES = ("pytest==9.1.*", "pytest-recording", "httpx", "tavern")
_FEW, _MANY = 20, 200
_WITHOUT = {"Tavern": ("-p", "no:recording"), "pytest-recording": ("-p", "no:tavern")}
"""Each without the other: an autouse fixture of pytest-recording fails in a test of Tavern."""
_KINDS = ("every check", "one check", "pytest-recording", "Tavern")
_URL = "http://composed.example/v1/chat/completions"
_MESSAGES = [{"role": "user", "content": "Say ok."}]
_ANSWER = {
    "id": "composed-1",
    "object": "chat.completion",
    "model": "composed",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
}
_RESPONSE = {
    "status": {"code": 200, "message": "OK"},
    "headers": {"Content-Type": ["application/json"]},
    "body": {"string": json.dumps(_ANSWER)},
}
_REQUEST = {"method": "POST", "uri": _URL, "body": '{"model":"composed"}', "headers": {}}
_CASSETTE = yaml.safe_dump({"version": 1, "interactions": [{"request": _REQUEST, "response": _RESPONSE}]})
_TEST = f"""
import httpx
import pytest

client = httpx.Client()


@pytest.mark.vcr
@pytest.mark.parametrize("number", range({{tests}}))
def test_answer(number):
    answer = client.post("{_URL}", json={{{{"model": "composed"}}}})
    assert answer.status_code == 200
    assert answer.json()["object"] == "chat.completion"
"""


def replay_peers(repeats: int) -> Iterator[Figure]:
    """Yield the figures: CPU milliseconds of a test over an empty one."""
    theirs = python_of("peers-replay", *_PACKAGES)
    with workplace() as (directory, environment), VenueServer() as server:
        commands, items = {}, {}
        for kind, tests in product(_KINDS, (_FEW, _MANY)):
            name, place = f"{kind}-{tests}", directory / f"{kind}-{tests}"
            python = theirs if kind in _WITHOUT else sys.executable
            arguments = ("-q", *_WITHOUT.get(kind, ()))
            items[name], selected = _write(kind, place, tests, server)
            write_plain(directory / f"{name}, plain", items[name])
            commands[name] = Command(place, (*arguments, *selected), environment, python)
            commands[f"{name}, plain"] = Command(directory / f"{name}, plain", arguments, environment, python)
            for each in (name, f"{name}, plain"):
                expect(commands[each].run(), items[name], each)
        cpu = interleaved(repeats, {name: command.cpu_s for name, command in commands.items()})
    yield from _figures(cpu, items)


def _write(kind: str, place: Path, tests: int, server: VenueServer) -> tuple[int, tuple[str, ...]]:
    """Write a project; return how many tests it has, and the arguments that select them."""
    match kind:
        case "every check":
            return write(place, tests // 10), RUN[1:]
        case "one check":
            write(place, tests)
            return tests, (*RUN[1:], "-k", "chat_shape")
    place.mkdir(parents=True)
    if kind == "Tavern":
        headers, asked = {"Authorization": f"Bearer {KEY}"}, {"model": server.profile.model, "messages": _MESSAGES}
        request = {"url": f"{server.root_url}/v1/chat/completions", "method": "POST", "headers": headers, "json": asked}
        response = {"status_code": 200, "strict": False, "json": {"object": "chat.completion"}}
        stage = {"name": "ask", "request": request, "response": response}
        marks = [{"parametrize": {"key": "number", "vals": list(range(tests))}}]
        (place / "test_answer.tavern.yaml").write_text(
            yaml.safe_dump({"test_name": "answer", "marks": marks, "stages": [stage]}), encoding="utf-8"
        )
        return tests, ()
    (place / "test_answer.py").write_text(_TEST.format(tests=tests), encoding="utf-8")
    (place / "cassettes/test_answer").mkdir(parents=True)
    for number in range(tests):
        cassette = place / f"cassettes/test_answer/test_answer[{number}].yaml"
        cassette.write_text(_CASSETTE, encoding="utf-8")
    return tests, ()


def _figures(cpu: dict[str, tuple[float, ...]], items: dict[str, int]) -> Iterator[Figure]:
    def over_empty(kind: str) -> tuple[float, ...]:
        """Return the milliseconds by which a test more costs more than an empty one more."""
        columns = (cpu[f"{kind}-{tests}{plain}"] for plain in ("", ", plain") for tests in (_MANY, _FEW))
        more = items[f"{kind}-{_MANY}"] - items[f"{kind}-{_FEW}"]
        return tuple((many - few - empty + base) / more * 1000 for many, few, empty, base in zip(*columns, strict=True))

    for ours in _KINDS[:2]:
        for theirs in _KINDS[2:]:
            what = f"a replayed item, {ours} of a target"
            yield Figure("replay_peers", what, "CPU ms", over_empty(ours), theirs, over_empty(theirs), 1.0)
