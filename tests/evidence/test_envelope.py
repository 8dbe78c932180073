"""A line as we write it is read without its JSON; every other one, and every fault, as if it were not."""

import json
import random

import pytest

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import envelope


def read(data):
    """Return what a line is read as, or why it is refused."""
    try:
        return envelope.read(data, 3, "bundle:3")
    except EvidenceError as error:
        return error.code, error.line, str(error)


def slowly(data, monkeypatch):
    """Return the same without the way for lines as we write them."""
    with monkeypatch.context() as patched:
        patched.setattr(envelope, "_as_written", lambda data: None)
        return read(data)


def signed(*signers):
    """Return a line."""
    return envelope.written(b'{"a":"some payload, which needs padding"}', signers)


def faults(data):
    """Yield texts with one fault each: a bit of each byte, then pieces put in, taken out and doubled."""
    for place, byte in enumerate(data):
        yield data[:place] + bytes([byte ^ (1 << place % 8)]) + data[place + 1 :]
    chance = random.Random(26)
    pieces = [b'"', b"=", b"A", b" ", b"\\", b"\\u0041", b"\r", b"0", b'"},{"', b"{}", b"%s", b"\xff", b',"x":1']
    for _ in range(1500):
        place, other = sorted(chance.choices(range(len(data)), k=2))
        yield chance.choice(
            (
                data[:place] + chance.choice(pieces) + data[place:],
                data[:place] + chance.choice(pieces) + data[place + 1 :],
                data[:place] + data[other:],
                data[:other] + data[place:],
            )
        )


def test_what_we_write_is_read_without_its_json(key, stranger, monkeypatch):
    """With the same result: of one signature or two."""
    for signers in ([key], [key, stranger], [stranger, key]):
        data = signed(*signers)
        line = read(data)

        assert line == slowly(data, monkeypatch)
        assert line.keyids == tuple(each.public.keyid for each in signers)
        with monkeypatch.context() as patched:
            patched.setattr(envelope.strict_json, "loads", None)
            assert read(data) == line


@pytest.mark.parametrize("count", [1, 2])
def test_faults_are_told_as_if_the_json_were_read(key, stranger, monkeypatch, count):
    """Word for word; none of them is read as a line that we write."""
    data = signed(*[key, stranger][:count])

    assert [text for text in faults(data) if text != data and read(text) != slowly(text, monkeypatch)] == []


def test_other_numbers_of_signatures_are_read_by_their_json(key, stranger, monkeypatch):
    """None, the same twice, and three, of which a third key is none of ours."""
    value = json.loads(signed(key, stranger))
    one, two = value["signatures"]
    for signatures in ([], [one, one], [one, two, two | {"keyid": "0" * 64}], [one | {"keyid": "A" * 64}]):
        data = json.dumps(value | {"signatures": signatures}, separators=(",", ":")).encode()

        assert envelope._as_written(data) is None
        assert read(data) == slowly(data, monkeypatch)


def test_no_more_parts_are_made_of_a_hostile_line_than_of_ours(monkeypatch):
    """A line may have 16 MB, all of it quotes."""
    made = []

    class Line(bytes):
        def split(self, by, most):
            made.extend(super().split(by, most))
            return made

    assert envelope._as_written(Line(b'"' * 10_000)) is None
    assert len(made) == 27
