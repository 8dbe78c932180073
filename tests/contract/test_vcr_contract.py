"""What `cassettes` uses of vcrpy beyond its documents. A release that changes it fails here first."""

import inspect
from pathlib import Path
from typing import Any

import pytest
import vcr
from vcr.cassette import Cassette
from vcr.record_mode import RecordMode
from vcr.request import Request
from vcr.serialize import CASSETTE_FORMAT_VERSION, deserialize, serialize
from vcr.serializers import yamlserializer

REQUEST = Request("POST", "https://a.example/", b"{}", {"Accept": "*/*"})


def response(body: bytes = b"x") -> dict[str, Any]:
    """Return a response as vcrpy has it."""
    return {"status": {"code": 200, "message": "OK"}, "headers": {"a": ["b"]}, "body": {"string": body}, "darkhost": 1}


class Kept:
    """A persister that loads what it holds, and shows what it is given."""

    def load_cassette(self, path: str, serializer: Any) -> Any:
        """Return requests and responses."""
        assert (path, serializer) == ("", yamlserializer)
        return [REQUEST, REQUEST], [response(b"1"), response(b"2")]


def loaded() -> Cassette:
    """Return a cassette as `cassettes.storage` makes one."""
    options: dict[str, Any] = {"serializer": yamlserializer, "record_mode": RecordMode.NONE}
    return Cassette.load(path="", persister=Kept(), match_on=(lambda one, other: one.uri == other.uri,), **options)


def test_a_cassette_is_loaded_through_its_persister() -> None:
    """`storage.loaded` gives it an object with one method, and a serializer that is handed on."""
    cassette = loaded()
    assert [each["body"]["string"] for each in cassette.responses] == [b"1", b"2"]
    assert [each.uri for each in cassette.requests] == ["https://a.example/"] * 2


def test_data_takes_more_pairs() -> None:
    """`reading` puts failures among the interactions; `requests` and `responses` follow."""
    cassette = loaded()
    failure: dict[str, Any] = {}
    cassette.data.insert(1, (Request("POST", "https://b.example/", b"", {}), failure))
    assert cassette.responses[1] is failure
    assert len(cassette) == 3
    assert cassette.can_play_response_for(cassette.requests[1])
    assert cassette.play_response(cassette.requests[1]) is failure


def test_each_interaction_is_played_once_and_counted_by_its_index() -> None:
    """`player` tells by `play_counts` what was not played, and by identity which response was."""
    cassette = loaded()
    assert cassette.play_counts[0] == 0
    assert cassette.play_response(REQUEST) is cassette.responses[0]
    assert (cassette.play_counts[0], cassette.play_counts[1]) == (1, 0)
    cassette.play_response(REQUEST)
    assert cassette.can_play_response_for(REQUEST) is False


def test_a_matcher_is_asked_with_the_request_first() -> None:
    """`player.Comparison` masks the id of another run in the second one, and needs a name for vcrpy's messages."""
    asked: list[tuple[str, str]] = []

    def matcher(one: Request, other: Request) -> bool:
        asked.append((one.uri, other.uri))
        return True

    cassette = loaded()
    cassette._match_on = (matcher,)
    cassette.can_play_response_for(Request("GET", "https://asked.example/", b"", {}))
    assert asked == [("https://asked.example/", "https://a.example/")]


def test_requests_keep_body_and_headers() -> None:
    """Bodies are bytes, names of headers keep their case, one value each."""
    request = Request("POST", "https://a.example/", "é", {"Accept": ["*/*"]})
    assert (request.body, dict(request.headers.items())) == ("é".encode(), {"Accept": "*/*"})
    assert list(inspect.signature(Request).parameters) == ["method", "uri", "body", "headers"]


def test_serializing_keeps_what_vcrpy_does_not_know() -> None:
    """Our mapping in a response comes back; the serializer gets and gives plain data."""
    given: list[Any] = []

    class Plain:
        def serialize(self, data: dict[str, Any]) -> str:
            given.append(data)
            return yamlserializer.serialize(data)

        def deserialize(self, text: str) -> Any:
            return yamlserializer.deserialize(text)

    text = serialize({"requests": [REQUEST], "responses": [response(b"\xff")]}, Plain())
    assert (given[0].keys(), given[0]["version"]) == ({"version", "interactions"}, CASSETTE_FORMAT_VERSION)
    requests, responses = deserialize(text, Plain())
    assert responses == [response(b"\xff")]
    assert requests[0].headers["accept"] == "*/*"


def test_the_version_is_the_last_thing_in_a_file() -> None:
    """`storage` tells by it that a file was not cut off."""
    text = yamlserializer.serialize({"version": 1, "interactions": [], "darkhost": {}})
    assert text.splitlines()[-1] == "version: 1"


def test_a_mapping_beside_the_interactions_does_not_disturb_stock_vcrpy(tmp_path: Path) -> None:
    """It loads the rest."""
    data = {"requests": [REQUEST], "responses": [response()]}
    text = "darkhost: {}\n" + serialize(data, yamlserializer)
    (tmp_path / "c.yaml").write_text(text)
    with vcr.use_cassette(str(tmp_path / "c.yaml"), record_mode="none") as cassette:
        assert len(cassette) == 1


@pytest.mark.parametrize("name", ["_save", "_load", "load", "append", "can_play_response_for", "play_response"])
def test_the_methods_are_there(name: str) -> None:
    """By the names that we, or who saves a file again, call them."""
    assert callable(getattr(Cassette, name))
