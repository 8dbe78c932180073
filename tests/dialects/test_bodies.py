"""2xx bodies that are no answer are told apart."""

from typing import Any

import pytest

from dialects.builders import CHAT, JSON_TYPE, MODELS, SSE_TYPE, STREAM, completion, exchange, message, venue
from pytest_darkhost.dialects.reading import read
from pytest_darkhost.observations import ErrorKind as K
from pytest_darkhost.observations import Phase, StreamEnd
from pytest_darkhost.probes import Probe

HTML = b"<html><head><title>Welcome</title></head></html>"


@pytest.mark.parametrize("probe", [CHAT, STREAM, MODELS], ids=["chat", "stream", "models"])
@pytest.mark.parametrize(
    ("body", "content_type", "kind", "text"),
    [
        (HTML, "text/html", K.HTML, "status 200 with an HTML page"),
        (HTML, "application/json", K.HTML, "status 200 with an HTML page"),
        (b"\xef\xbb\xbf \n<!doctype HTML>", "text/plain", K.HTML, "an HTML page"),
        (b"Hello.", "text/html", K.HTML, "an HTML page"),
        (
            b"upstream connect error",
            "text/plain",
            K.NOT_JSON,
            "text that is not JSON (expecting value at character 1), expected",
        ),
        (b'{"object":"chat.completion"', "application/json", K.NOT_JSON, "expecting ',' delimiter at character 28"),
        (b'{"a":"\xff"}', "application/json", K.NOT_JSON, "bytes that are not UTF-8, expected JSON"),
        (b"[" * 200_000, "application/json", K.NOT_JSON, "JSON nested too deeply, expected JSON"),
        (b'{"a":"\n"}', "application/json", K.NOT_JSON, "invalid control character"),
        (b'{"error":{"message":"no","code":"c"}}', "application/json", K.ERROR_IN_200, "an error in the body"),
        (b'{"error":"no"}', "application/json", K.ERROR_IN_200, "an error in the body"),
        (b'{"detail":"no"}', "application/json", K.ERROR_IN_200, "an error in the body"),
        (b'{"code":500,"reason":"NO","message":"no"}', "application/json", K.ERROR_IN_200, "an error in the body"),
        (b'[{"error":{"code":400,"message":"no"}}]', "application/json", K.ERROR_IN_200, "an error in the body"),
        (b'{"error":{"message":"no"},"data":[]}', "application/json", K.ERROR_IN_200, "an error in the body"),
        (b'{"hello":1}', "application/json", K.WRONG_DIALECT, "JSON of no known shape, expected"),
        (b"{}", "application/json", K.WRONG_DIALECT, "JSON of no known shape, expected"),
        (b"true", "application/json", K.WRONG_DIALECT, "JSON of no known shape, expected"),
        (b"7", "application/json", K.WRONG_DIALECT, "JSON of no known shape, expected"),
    ],
)
def test_a_body_that_is_no_answer(probe: Probe, body: bytes, content_type: str, kind: K, text: str) -> None:
    """Pages, text, broken JSON, errors in a 200 and JSON of another kind each have their own name."""
    seen = read(venue(), probe, exchange(body, headers=(("content-type", content_type), ("x-request-id", "r1"))))
    assert seen.error is not None
    assert (seen.answer, seen.listed_models) == (None, None)
    assert (seen.error.kind, seen.error.status, seen.error.request_id) == (kind, 200, "r1")
    assert text in seen.error.message
    assert seen.stream_end is (StreamEnd.EMPTY if probe is STREAM else None)


def test_an_error_in_a_200_keeps_the_venue_s_words() -> None:
    """Code and message of an error inside a 200 are shown."""
    error = read(venue(), CHAT, exchange({"error": {"message": "no", "code": "c"}})).error
    assert error is not None
    assert (error.venue_code, error.venue_message, error.phase) == ("c", "no", Phase.BODY)


def test_an_answer_with_an_error_beside_it_is_an_error() -> None:
    """Choices do not excuse an error in the same body."""
    error = read(venue(), CHAT, exchange(completion(error={"message": "no"}))).error
    assert error is not None
    assert error.kind is K.ERROR_IN_200


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_an_empty_body_is_not_json(body: bytes) -> None:
    """Nothing is said to be nothing."""
    error = read(venue(), CHAT, exchange(body)).error
    assert error is not None
    assert (error.kind, error.message) == (K.NOT_JSON, "status 200 with nothing, expected JSON")


@pytest.mark.parametrize(
    ("dialect", "value", "text"),
    [
        ("openai", message(), "an Anthropic message, expected an OpenAI chat completion"),
        ("anthropic", completion(), "an OpenAI chat completion, expected an Anthropic message"),
    ],
)
@pytest.mark.parametrize("probe", [CHAT, STREAM], ids=["chat", "stream"])
def test_the_other_dialect_is_told(dialect: str, value: Any, text: str, probe: Probe) -> None:
    """An answer in the other dialect proves nothing of this one."""
    error = read(venue(dialect=dialect), probe, exchange(value)).error
    assert error is not None
    assert error.kind is K.WRONG_DIALECT
    assert text in error.message


def test_a_whole_answer_to_a_stream_is_read_and_is_a_fault() -> None:
    """Not one event arrived, so the stream is empty; the answer is still read."""
    seen = read(venue(), STREAM, exchange(completion()))
    assert (seen.error, seen.stream_end, seen.deltas) == (None, StreamEnd.EMPTY, ())
    assert seen.faults == ("body: no event stream, expected server-sent events",)
    assert seen.answer is not None
    assert seen.answer.text == "word"


def test_an_event_stream_to_a_chat_is_not_json() -> None:
    """A venue that streams unasked is found out."""
    error = read(venue(), CHAT, exchange(b"data: {}\n\n", headers=SSE_TYPE)).error
    assert error is not None
    assert error.kind is K.NOT_JSON
    assert error.venue_message == "data: {}"


@pytest.mark.parametrize(
    ("headers", "faults"),
    [
        (JSON_TYPE, ()),
        ((("content-type", "Application/JSON; charset=utf-8"),), ()),
        ((("content-type", "application/problem+json"),), ()),
        ((("content-type", "text/plain"),), ("content-type: 'text/plain', expected json",)),
        ((), ("content-type: missing, expected json",)),
    ],
)
def test_a_content_type_that_libraries_do_not_read(
    headers: tuple[tuple[str, str], ...], faults: tuple[str, ...]
) -> None:
    """The SDKs go by the content type, so a wrong one is a fault."""
    assert read(venue(), CHAT, exchange(completion(), headers=headers)).faults == faults


def test_a_stream_under_another_content_type_is_a_fault() -> None:
    """The same holds for event streams."""
    seen = read(venue(), STREAM, exchange(b'data: {"choices":[],"object":"chat.completion.chunk"}\n\n'))
    assert seen.faults == ("content-type: 'application/json', expected text/event-stream",)


def test_other_2xx_are_read_as_well() -> None:
    """A 201 with an answer is an answer."""
    assert read(venue(), CHAT, exchange(completion(), 201)).error is None


def test_a_byte_order_mark_is_passed_over() -> None:
    """RFC 8259, 8.1 lets readers ignore it."""
    assert read(venue(), CHAT, exchange('\ufeff{"object":"chat.completion","choices":[]}')).error is None


def test_of_duplicate_keys_the_last_counts() -> None:
    """As in every JSON reader that production uses."""
    body = '{"object":"x","object":"chat.completion","model":"a","model":"b","choices":[]}'
    seen = read(venue(), CHAT, exchange(body))
    assert seen.answer is not None
    assert seen.answer.model == "b"


@pytest.mark.parametrize(
    ("value", "names", "faults"),
    [
        ({"data": [{"id": "a"}, {"id": "b"}]}, ("a", "b"), ()),
        ([{"id": "a"}], ("a",), ()),
        ({"models": [{"name": "a"}]}, ("a",), ()),
        ({"data": [{"id": "a"}], "models": [{"name": "other"}]}, ("a",), ()),
        ({"data": [{"id": "models/a"}]}, ("models/a", "a"), ()),
        ({"data": []}, (), ()),
        ([], (), ()),
        ({"data": [{"id": 7}, {"id": "b"}]}, ("b",), ("data[0].id: 7, expected a string",)),
        ({"data": ["a"]}, (), ("data[0]: 'a', expected an object",)),
    ],
)
def test_lists_of_models(value: Any, names: tuple[str, ...], faults: tuple[str, ...]) -> None:
    """Every shape of list is read; an entry without a name is a fault."""
    seen = read(venue(), MODELS, exchange(value))
    assert (seen.error, seen.listed_models, seen.faults) == (None, names, faults)
