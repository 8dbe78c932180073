"""
The two ways of reading strict JSON: what the fast one takes, the slow one takes too, and finds the same in it.

Texts are drawn at random from a fixed seed: values in the one spelling and in others, and each with faults planted.
"""

import json
import math
import random
import struct

import orjson
import pytest

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import strict_json

_DRAWN = 3_000
_LETTERS = 'aeE0159.+-"\\/{}[]:, \n\t\x00\x1f\x7fé€\u2028😀'
_TOKENS = (b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b" ", b"\n", b"0", b"1e999", b"-", b"NaN", b"Infinity")
_TOKENS += (b"null", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\\u0061", b"\\ud800", b"E5", b".", b"\xef\xbb\xbf", b"\x00")


def text(draw):
    """Draw a text."""
    return "".join(draw.choices(_LETTERS, k=draw.randrange(6)))


def number(draw):
    """Draw a number, near where writers or readers of JSON differ."""
    kind = draw.randrange(6)
    if kind == 0:
        return draw.randrange(-(2**66), 2**66)
    if kind == 1:
        found = struct.unpack("<d", draw.randbytes(8))[0]
        return found if math.isfinite(found) else 0.5
    return draw.choice([0, -1, 2**63, 2**64 - 1, 2**64, 0.0, -0.0, 1e-5, 0.0001, 1e15, 1e16, 1.5, 5e-324, 1.7e308])


def value(draw, depth=0):
    """Draw a value of JSON."""
    kind = draw.randrange(8 if depth < 5 else 4)
    if kind >= 6:
        return {text(draw): value(draw, depth + 1) for _ in range(draw.randrange(5))}
    if kind >= 4:
        return [value(draw, depth + 1) for _ in range(draw.randrange(4))]
    return (text, number, lambda _: None, lambda each: each.random() < 0.5)[kind](draw)


def spelled(draw):
    """Return a sound text, in one of many spellings."""
    drawn, kind = value(draw), draw.randrange(4)
    if kind == 0:
        return json.dumps(drawn).encode()
    if kind == 1:
        return json.dumps(drawn, indent=draw.randrange(3), ensure_ascii=False).encode()
    data = json.dumps(drawn, separators=(",", ":"), ensure_ascii=False).encode()
    return orjson.dumps(orjson.loads(data)) if kind == 2 and b"e" not in data else data


def with_fault(draw, data):
    """Return a text with bytes put in, taken out, moved or written again."""
    start, end = sorted(draw.randrange(len(data) + 1) for _ in range(2))
    kind = draw.randrange(4)
    if kind == 0:
        return data[:start] + draw.choice(_TOKENS) + data[start:]
    if kind == 1:
        return data[:start] + data[start + 1 :]
    if kind == 2:
        return data[:start] + draw.choice(_TOKENS) + data[end:]
    return data[:end] + data[start:end] + data[end:]  # what stands twice, such as a member


def said(read, data):
    """Return what came of reading, with the kinds of all values, and the signs of zeros."""
    try:
        return repr(read(data, "text", 3))
    except EvidenceError as error:
        return error.code, error.line, str(error)


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_read_the_same(seed):
    """And refuse the same, in the same words."""
    draw = random.Random(seed)
    fast = 0
    for _ in range(_DRAWN):
        data = spelled(draw)
        for each in (data, with_fault(draw, data), with_fault(draw, with_fault(draw, data))):
            assert said(strict_json.loads, each) == said(strict_json._read, each), each
            fast += is_fast(each)
    assert fast > _DRAWN / 2


def is_fast(data):
    """Return whether a text is sound by the fast way alone."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(strict_json, "_read", lambda *_: None)
        try:
            return strict_json.loads(data, "text") is not None
        except EvidenceError:
            return False


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"a":{"b":1,"b":1}}',
        b'[{"a":1,"\\u0061":1}]',
        b'{"a":[],"b":1,"a":[]}',
        b"[1e999]",
        b"[-1e999]",
        b"[1.0e400]",
        b"[" + b"9" * 400 + b".0]",
        b"[NaN]",
        b"[Infinity]",
        b'\xef\xbb\xbf{"a":1}',
        b'["\xff"]',
        b'["\xed\xa0\x80"]',
        b'["\\ud800"]',
        b"[18446744073709551616]",
        b"[-0]",
        b"[1.50]",
        b"[1E5]",
        b'["\\u0061"]',
        b'["\\/"]',
        b'{"a": 1}',
        b"[1] ",
        b"[01]",
        b"[1,]",
        b"[" * 255 + b"]" * 255,
        b"[" * 255 + b"1" + b"]" * 255,
        b'{"a":' * 254 + b"{}" + b"}" * 254,
        b'{"a":' * 254 + b"[]" + b"}" * 254,
        b"[" * 300 + b"]" * 300,
        b"[" * 2000 + b"]" * 2000,
    ],
)
def test_the_fast_way_leaves_what_is_spelled_otherwise(data):
    """It takes one spelling of a value, and no other: those that are no value are among the others."""
    assert not is_fast(data)


@pytest.mark.parametrize("inner", [b"1", b"1.5", b'"a"', b"null", b"{}", b"[]", b'{"a":1}', b"[1,2]"])
@pytest.mark.parametrize(("start", "end"), [(b"[", b"]"), (b'{"a":', b"}")], ids=["list", "object"])
def test_both_ways_count_levels_alike(start, end, inner):
    """Whatever the innermost holds, an empty one too, beside others that are less deep."""
    for levels in range(251, 258):
        data = b'[{"b":[]},' + start * levels + inner + end * levels + b",[[]]]"
        containers = levels + 1 + (inner[:1] in b"{[")
        assert is_fast(data) is (containers <= strict_json.DEEPEST)
        assert said(strict_json.loads, data) == said(strict_json._read, data)
