"""A report whose records are read once each has the value, or the fault, that it has when it is read as it stands."""

import json
import random

import pytest

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import repeated, strict_json
from support import evidence

PIECES = [
    *(b'{"probe": "', b'"probe": "', b"}, ", b"}]", b"}", b"{", b"[", b"]", b'"', b"\\", b'\\"', b", ", b": ", b" "),
    *(b"1e999", b"-1e999", b"NaN", b"Infinity", b"null", b"1", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\n"),
    *(b'"a": 1, "a": 2', b'"tests": [], ', b'"probes": [], ', b'"probe": "a", ', b'"\\ud800"', b"[" * 60, b"]" * 60),
    *(b'{"a":' * 55, b"}" * 55, b"[" * 200 + b"]" * 200, b"9" * 400 + b".0", b'"metadata": ', b'"darkhost": '),
]
TESTS = b'{"tests": [{"metadata": {"darkhost": {"probes": %s}}}]}'
ODD = [
    *(b"", b"null", b"1", b"[]", b"{}", b'{"tests": 1}', b'{"tests": [1, {"metadata": []}]}'),
    *(b"[%s]", b'"%s"', b'{"tests": 1, "x": [%s]}', b'{"tests": {"a": [%s]}}', b'{"tests": [%s]}'),
    *(TESTS % b"%s", TESTS % b'{"a": [%s]}', TESTS % b'1, "x": [%s]'),
]


def small_report():
    """Return a report of four tests that read three calls, some of them more than once, as bytes."""
    far = "behind what records are told apart by at first " * 2
    calls = [{"probe": f"acme/chat[{n}]", "n": n, "far": far, "m": 0, "d": {"s": "é"}} for n in range(3)]
    tests = [evidence.passed(f"check_{n}", calls[n % 3], calls[0], calls[1]) for n in range(4)]
    return json.dumps({"tests": tests, "darkhost": {"a": [1, 2.5, None, True]}}).encode()


def read(how, data):
    """Return the value as text, so that `1`, `1.0` and `true` differ, or the error."""
    try:
        return json.dumps(how(data, "report", 7))
    except EvidenceError as error:
        return error.code, error.line, str(error)


def records_in(value):
    """Return the records of all tests."""
    return [record for test in value["tests"] for record in test["metadata"]["darkhost"]["probes"]]


def test_each_record_is_read_once(monkeypatch):
    """However many tests read the call: it is one object, and its text was gone through once."""
    data = small_report()
    sizes = []
    sound = strict_json.sound
    monkeypatch.setattr(strict_json, "sound", lambda text, *rest: sizes.append(len(text)) or sound(text, *rest))

    value = repeated.loads(data, "report")

    assert value == json.loads(data)
    assert (len(records_in(value)), len({id(each) for each in records_in(value)})) == (12, 3)
    assert len(sizes) == 4
    assert sum(sizes) < len(data)


@pytest.mark.parametrize("place", [b'"n": 0,', b'"m": 0,'], ids=["near", "far"])
@pytest.mark.parametrize("other", [b"1", b"false", b"0.0", b"[]"])
def test_records_that_differ_are_told_apart(place, other):
    """By a byte far behind the name, or by the kind of a number, which Python takes for equal."""
    data = small_report()
    for _ in range(3):
        before, after = data.rsplit(place, 1)
        data = before + place.replace(b"0", other) + after

        assert read(repeated.loads, data) == json.dumps(json.loads(data))
        assert repeated._by_marks(data) is not None


def mutants(data, count):
    """Yield texts with one to three faults each: pieces put in, taken out, doubled, or put elsewhere."""
    chance = random.Random(20261126)
    for _ in range(count):
        made = data
        for _ in range(chance.randint(1, 3)):
            place, other = sorted(chance.choices(range(len(made)), k=2))
            size = chance.choice((1, 2, 9, 40, 250))
            made = chance.choice(
                (
                    made[:place] + chance.choice(PIECES) + made[place:],
                    made[:place] + chance.choice(PIECES) + made[place + size :],
                    made[:place] + made[place + size :],
                    made[:other] + made[place : place + size] + made[other:],
                    made[:place] + made[other : other + size] + made[place:],
                )
            )
        yield made


def tidy_mutants(data, count):
    """Yield texts in which a piece stands before or behind a whole token, where it is more often JSON still."""
    chance = random.Random(2026)
    tokens = [b'"probes": [', b'{"probe": "', b"}, ", b"}]", b'"n": ', b'"m": ', b"]", b'"tests": [', b'"nodeid": ']
    pieces = [*PIECES, b'"x": 1, ', b'"n": 3, ', b'{"x": [{"y": 1}]}, ', b'{"probe": "new"}, ', b'"probe", ', b"[{}], "]
    for _ in range(count):
        token = chance.choice(tokens)
        places = [n for n in range(len(data)) if data.startswith(token, n)]
        place = chance.choice(places) + chance.choice((0, len(token)))
        yield data[:place] + chance.choice(pieces) + data[place:]


@pytest.mark.parametrize("made", [mutants, tidy_mutants])
def test_faults_are_told_as_if_the_report_were_read_as_it_stands(made):
    """Whatever is planted and wherever: the same value or the same error, word for word."""
    data, differ, sound, quick = small_report(), [], 0, 0
    for text in made(data, 2500):
        expected = read(strict_json.loads, text)
        if read(repeated.loads, text) != expected:
            differ.append(text)
        sound += isinstance(expected, str)
        quick += repeated._by_marks(text) is not None

    assert differ == []
    assert 100 < quick <= sound < 2400


@pytest.mark.parametrize(
    "wrap",
    [b'"%s"', b"{%s: 1}", b'{"a": %s, "a": 1}', b'"\\%s"', b"[%s]", b'{"probes": [%s]}'],
    ids=["in a text", "as a key", "dropped", "behind a backslash", "elsewhere", "elsewhere, by the same name"],
)
@pytest.mark.parametrize("where", ["among records", "outside"])
def test_a_record_that_stands_elsewhere_is_no_mark_that_counts(wrap, where):
    """Not in a text, a key, a value that is dropped, nor where no test has its records."""
    data = small_report()
    record = data[data.index(b'{"probe"') : data.index(b"}}, ") + 2]
    assert json.loads(record)["n"] == 0
    planted = wrap % record
    place = data.index(b'{"probe"') if where == "among records" else data.index(b"[1, 2.5") + 1
    made = data[:place] + planted + b", " + data[place:]

    assert read(repeated.loads, made) == read(strict_json.loads, made)


@pytest.mark.parametrize("levels", [56, 57, 58, 59])
def test_a_record_counts_from_where_it_stands(levels):
    """As deep as it may be there, and not as if it stood alone."""
    data = small_report().replace(b'"n": 0', b'"n": ' + b"[" * levels + b"]" * levels)

    assert read(repeated.loads, data) == read(strict_json.loads, data)
    assert isinstance(read(repeated.loads, data), str) is (levels <= 57)


@pytest.mark.parametrize("data", [each.replace(b"%s", b'{"probe": "a"}') for each in ODD])
def test_what_is_no_report_of_ours_is_read_as_it_stands(data):
    """Its form is for others to judge."""
    assert read(repeated.loads, data) == read(strict_json.loads, data)
    assert repeated._by_marks(data) is None


def test_what_marks_cannot_be_is_known_to_nobody_before():
    """Each reading has other marks."""
    first, second = (repeated._parted(small_report())[0] for _ in range(2))

    assert first.keys() == second.keys()
    assert not {*first.values()} & {*second.values()}
