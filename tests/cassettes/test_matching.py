"""Which requests are one, and what is said where they are not."""

import json
import time
from typing import Any

import pytest

from pytest_darkhost.cassettes.matching import Asked, difference, nearest

RUN, OTHER = "run-11111111", "run-22222222"
CHAT: dict[str, Any] = {
    "model": "small",
    "messages": [{"role": "user", "content": f"Run {RUN}.\nReply with the one word: ready"}],
    "max_tokens": 16,
    "tools": [{"name": "weather", "parameters": {"type": "object", "required": ["city"]}}],
}


def asked(body: bytes | dict[str, Any], run: str = RUN, **changes: Any) -> Asked:
    """Return a request with this body."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    values = {"method": "POST", "url": "https://a.example/v1", "headers": (("accept", "*/*"),), **changes}
    return Asked(body=data, run_id=run, **values)


SAME = {
    "order of keys": (b'{"a":1,"b":[2]}', b'{"b":[2],"a":1}'),
    "white space": (b'{"a":1}', b' {\n"a" : 1 }\r\n'),
    "spelling of a number": (b'{"a":1}', b'{"a":1.0}'),
    "exponent": (b"[100]", b"[1e2]"),
    "escapes": ('{"a":"é"}'.encode(), b'{"a":"\\u00e9"}'),
    "nothing": (b"", b""),
    "no JSON": (b"a=1", b"a=1"),
    "NaN": (b"[NaN]", b"[ NaN]"),
    "a big integer": (b"[123456789012345678901]", b"[ 123456789012345678901]"),
    "deep nesting": (b"[" * 100_000, b"[" * 100_000),
}
DIFFERENT = {
    "value": (b'{"a":1}', b'{"a":2}'),
    "type": (b'{"a":1}', b'{"a":"1"}'),
    "true is not 1": (b"[true]", b"[1]"),
    "null is not absent": (b'{"a":null}', b"{}"),
    "order of a list": (b"[1,2]", b"[2,1]"),
    "a name twice": (b'{"a":1,"a":2}', b'{"a":2}'),
    "integers that a float cannot tell apart": (b"[9007199254740993]", b"[9007199254740992]"),
    "infinities": (b"[1e400]", b"[-1e400]"),
    "no JSON is no JSON string": (b"abc", b'"abc"'),
    "nothing is not null": (b"", b"null"),
    "bytes that are no text": (b"\xff", b"\xfe"),
    "lone surrogates": (b'"\\ud800"', b'"\\ud801"'),
    "case": (b'["a"]', b'["A"]'),
    "digits beyond Python's bound": (b"1" * 5000, b"1" * 5001),
}


@pytest.mark.parametrize("name", SAME)
def test_bodies_that_say_the_same_match(name: str) -> None:
    """JSON is compared by what it means (RFC 8785), all else by its bytes."""
    one, other = map(asked, SAME[name])
    assert one.digest == other.digest


@pytest.mark.parametrize("name", DIFFERENT)
def test_bodies_that_say_something_else_do_not(name: str) -> None:
    """And the difference is never empty."""
    one, other = map(asked, DIFFERENT[name])
    assert one.digest != other.digest
    assert difference(one, other)


@pytest.mark.parametrize(
    "changes", [{"method": "PUT"}, {"url": "https://a.example/v2"}, {"headers": ()}, {"headers": (("accept", "x"),)}]
)
def test_method_url_and_headers_are_compared(changes: dict[str, Any]) -> None:
    """Each of them alone makes another request."""
    assert asked(CHAT).digest != asked(CHAT, **changes).digest


def test_the_id_of_the_run_is_masked() -> None:
    """Each side its own; the id of another run is a word like any other."""
    later = json.loads(json.dumps(CHAT).replace(RUN, OTHER))
    assert asked(CHAT).digest == asked(later, OTHER).digest
    assert asked(CHAT).digest != asked(later, RUN).digest


def changed(**members: Any) -> str:
    """Return what differs of a chat with these members from the recorded one."""
    return difference(asked({**CHAT, **members}), asked(CHAT))


def test_a_difference_says_what_changed() -> None:
    """A changed prompt, token ceiling, tool schema, absent and new member, each with its path and both values."""
    prompt = [{"role": "user", "content": f"Run {RUN}.\nReply with the one word: now"}]
    assert changed(max_tokens=32) == "max_tokens: 32, recorded 16"
    assert changed(messages=prompt).startswith("messages[0].content: 'Run {run}.\\nReply with the one word: now', rec")
    assert changed(tools=[{"name": "weather", "parameters": {"type": "object", "required": []}}]) == (
        "tools[0].parameters.required[0]: absent, recorded 'city'"
    )
    assert changed(seed=7) == "seed: 7, recorded absent"
    assert difference(asked(b"{}", url="https://b.example/"), asked(b"{}")) == (
        "URL: https://b.example/, recorded https://a.example/v1"
    )
    assert difference(asked(b"{}", headers=(("accept", "x"),)), asked(b"{}")) == "header accept: 'x', recorded '*/*'"
    assert difference(asked(b"{}", method="GET"), asked(b"{}")) == "method: GET, recorded POST"


def test_a_long_text_is_shown_where_it_changed() -> None:
    """Not from its beginning, which is the same."""
    text = "word " * 200
    said = difference(asked({"p": text + "old"}), asked({"p": text + "new"}))
    assert "old'" in said
    assert "new'" in said


def test_more_than_a_few_differences_are_cut() -> None:
    """Three are shown."""
    said = difference(asked({"a": 1, "b": 1, "c": 1, "d": 1}), asked({}))
    assert said == "a: 1, recorded absent; b: 1, recorded absent; c: 1, recorded absent; …"


HOSTILE = {
    "long text": (json.dumps({"p": "x y\n" * 250_000}), json.dumps({"p": "x y\n" * 249_999 + "z"})),
    "long list": (json.dumps(list(range(50_000))), json.dumps(list(range(1, 50_001)))),
    "long name": (json.dumps({"k\n" * 100_000: 1}), "{}"),
    "deep": ("[" * 900 + "]" * 900, "[1]"),
    "control characters": (json.dumps({"\x1b[31m\n": "\x1b[0m\u2028"}), json.dumps({"\x1b[31m\n": "\r\n"})),
    "long value of another type": (json.dumps({"p": ["x" * 500_000]}), '{"p": 1}'),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_difference_is_one_short_line(name: str) -> None:
    """Found soon, also in bodies of a megabyte."""
    one, other = (asked(text.encode(), url="http://a.example/\n" + "u" * 5000) for text in HOSTILE[name])
    began_s = time.monotonic()
    said = difference(one, nearest(one, [other]) or other)
    assert time.monotonic() - began_s < 20
    assert said.isprintable()
    assert len(said) < 1200


def test_the_nearest_request_is_compared_with() -> None:
    """The one with the fewest differences, and of those the one whose text is closest."""
    base = {"model": "m", "stream": True, "p": "Count from 1 to 30"}
    others = [
        asked({"p": "Weather?"}),
        asked({**base, "p": "Reply: ready"}),
        asked({**base, "p": "Count from 1 to 20"}),
    ]
    assert nearest(asked(base), others) is others[2]
    assert nearest(asked(base), []) is None
