"""What tells one recorded answer from another: the venue's id in a body or a stream, and the digest of the body."""

import hashlib
from pathlib import Path

import pytest

from pytest_darkhost.cassettes.answers import _id_of, recorded_answers
from pytest_darkhost.cassettes.reading import read_cassette
from pytest_darkhost.errors import CassetteError

CASSETTES = Path(__file__).parents[2] / "cassettes"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"id": "chatcmpl-1", "object": "chat.completion"}', "chatcmpl-1"),
        (b'data: {"id": "chatcmpl-2"}\n\ndata: {"id": "chatcmpl-2"}\n\ndata: [DONE]\n\n', "chatcmpl-2"),
        (b'event: message_start\ndata: {"type": "message_start", "message": {"id": "msg_3"}}\n\n', "msg_3"),
        (b'{"data": [{"id": "a-model"}]}', None),
        (b'{"id": 7}', None),
        (b"[]", None),
        (b"<html>", None),
        (b"\xff\xfe", None),
    ],
)
def test_the_id_of_an_answer(body, found):
    """Of a whole body, of a stream in either dialect; a list of models has none."""
    assert _id_of(body) == found


@pytest.mark.parametrize("venue", ["anthropic", "groq"])
def test_each_answer_of_a_directory_has_the_run_that_recorded_it(venue):
    """By id and by digest, over all cassettes of a venue."""
    answers = recorded_answers([CASSETTES / venue, CASSETTES / "absent"])

    path = next((CASSETTES / venue).glob("[!@]*.yaml"))
    _, label, exchanges = read_cassette(path, path.name)
    bodies = [exchange.body for exchange in exchanges if exchange.body]
    assert {answers[f"sha256:{hashlib.sha256(body).hexdigest()}"] for body in bodies} == {label.run_id}
    assert {answers[each] for body in bodies if (each := _id_of(body))} == {label.run_id}
    assert any(_id_of(body) for body in bodies)


def test_a_cassette_that_cannot_be_read_is_an_error(tmp_path):
    """It names the file."""
    (tmp_path / "broken.yaml").write_text("{")

    with pytest.raises(CassetteError, match=r"broken\.yaml"):
        recorded_answers([tmp_path])
