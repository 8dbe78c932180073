"""JSON that every reader understands alike, and nothing else."""

import pytest

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import strict_json

REFUSED = {
    "a key twice": (b'{"a": 1, "a": 2}', "the key 'a' stands twice in one object"),
    "a key twice, deep": (b'[{"b": {"\\u0061": 1, "a": 2}}]', "the key 'a' stands twice in one object"),
    "NaN": (b'{"a": NaN}', "NaN is no number of JSON"),
    "infinity": (b"[Infinity]", "Infinity is no number of JSON"),
    "minus infinity": (b"[-Infinity]", "-Infinity is no number of JSON"),
    "beyond a double": (b"[1e999]", "1e999 is beyond what a number can hold"),
    "an endless integer": (b"[" + b"9" * 5000 + b"]", "Exceeds the limit"),
    "not UTF-8": (b'["\xff"]', "'utf-8' codec can't decode byte 0xff in position 2"),
    "a byte order mark": (b"\xef\xbb\xbf[]", "Unexpected UTF-8 BOM"),
    "cut off": (b'{"a": [1', "Expecting ',' delimiter"),
    "two values": (b"{} {}", "Extra data"),
    "nothing": (b"", "Expecting value"),
    "a raw control character": (b'["\x1b[31m"]', "Invalid control character"),
}


@pytest.mark.parametrize(("data", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_strict_json_is_refused(data, why):
    """With its place and the reason, in one line."""
    with pytest.raises(EvidenceError) as refused:
        strict_json.loads(data, "bundle:7", 7)

    assert (refused.value.code, refused.value.line) == ("json", 7)
    assert str(refused.value).startswith(f"bundle:7: no strict JSON ({why}")
    assert str(refused.value).endswith("), expected JSON that every reader understands alike")


@pytest.mark.parametrize("levels", [255, 900, 1_000_000])
@pytest.mark.parametrize(("start", "end"), [(b"[", b"]"), (b'{"a":', b"}")], ids=["list", "object"])
def test_deep_nesting_is_refused(levels, start, end):
    """At the same depth on each machine, however deep a parser could go."""
    with pytest.raises(EvidenceError) as refused:
        strict_json.loads(start * levels + b"1" + end * levels, "report")

    assert str(refused.value) == "report: nested too deeply, expected at most 254 levels"


def test_what_is_allowed_is_read():
    """Up to the depth that is allowed, with numbers as they are."""
    value = strict_json.loads(b"[" * 254 + b"1" + b"]" * 254, "report")

    for _ in range(254):
        (value,) = value
    assert value == 1
    assert strict_json.loads(b'{"a": 1.5, "b": 12345678901234567890}', "report") == {
        "a": 1.5,
        "b": 12345678901234567890,
    }


def test_a_number_may_stand_at_the_deepest_level():
    """One that a double can hold: an infinity is refused there, too."""
    deepest = b"[" * 254 + b"%s" + b"]" * 254

    assert "1.5" in str(strict_json.loads(deepest % b"1.5", "report"))
    with pytest.raises(EvidenceError, match="1e999 is beyond what a number can hold"):
        strict_json.loads(deepest % b"1e999", "report")


def test_what_is_written_is_one_line_of_ascii():
    """Whatever a text has, no reader meets a control character or a line break."""
    assert strict_json.dumps({"a": "é\n\u202e"}) == b'{"a":"\\u00e9\\n\\u202e"}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        strict_json.dumps([float("nan")])
