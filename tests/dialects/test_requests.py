"""Probes become the requests that a dialect documents."""

import json
from typing import Any

import pytest

from dialects.builders import MODELS, TOOL, probe, venue
from pytest_darkhost.dialects.requests import build
from pytest_darkhost.probes import Probe
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.specs.resolution import AdapterPath

OPENAI = AdapterPath("/v1/chat/completions", "default")
ANTHROPIC = AdapterPath("/v1/messages", "default")
SCHEMA = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}


def body_of(sent: Probe, spec: VenueSpec | None = None) -> dict[str, Any]:
    """Return the JSON body of a probe's request."""
    path = ANTHROPIC if spec and spec.dialect == "anthropic" else OPENAI
    value = json.loads(build(spec or venue(), sent, path).body)
    assert isinstance(value, dict)
    return value


def quirky(dialect: str = "openai", **quirks: Any) -> VenueSpec:
    """Return a spec whose model has these quirks."""
    return venue(dialect=dialect, model={"quirks": quirks})


def test_a_chat_of_the_openai_dialect() -> None:
    """A chat is one compact POST with the model, the prompt, the ceiling and temperature 0, and no key."""
    request = build(venue(), probe(), OPENAI)
    assert (request.method, request.url) == ("POST", "https://api.acme.example/v1/chat/completions")
    assert request.body == (
        b'{"model":"acme/small","messages":[{"role":"user","content":"nonce\\nOne word."}],'
        b'"max_tokens":32,"temperature":0}'
    )
    assert dict(request.headers) == {"content-type": "application/json", "accept": "application/json"}


def test_a_chat_of_the_anthropic_dialect() -> None:
    """The Messages dialect has its own path and version header."""
    request = build(venue(dialect="anthropic"), probe(), ANTHROPIC)
    assert request.url == "https://api.acme.example/v1/messages"
    assert dict(request.headers)["anthropic-version"] == "2023-06-01"
    assert json.loads(request.body) == {
        "model": "acme/small",
        "max_tokens": 32,
        "messages": [{"role": "user", "content": "nonce\nOne word."}],
        "temperature": 0,
    }


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_a_request_is_deterministic(dialect: str) -> None:
    """The same probe gives the same bytes."""
    sent, spec = probe(stream=True, tool=TOOL, json_schema=SCHEMA), venue(dialect=dialect)
    assert build(spec, sent, OPENAI) == build(spec, sent, OPENAI)


@pytest.mark.parametrize(
    ("dialect", "path", "url"),
    [
        ("openai", OPENAI, "https://api.acme.example/v1/models"),
        ("openai", AdapterPath("/chat/completions", "ini"), "https://api.acme.example/models"),
        ("anthropic", ANTHROPIC, "https://api.acme.example/v1/models?limit=1000"),
    ],
)
def test_the_list_of_models(dialect: str, path: AdapterPath, url: str) -> None:
    """A probe without a chat is a GET beside the chat's path; Anthropic is asked for its longest page."""
    request = build(venue(dialect=dialect), MODELS, path)
    assert (request.method, request.url, request.body) == ("GET", url, b"")
    assert "content-type" not in dict(request.headers)


def test_a_doubled_version_in_the_url_stays_doubled() -> None:
    """A base URL that ends in `/v1` is a real mistake, so nothing is collapsed."""
    request = build(venue(base_url="https://api.acme.example/v1"), probe(), OPENAI)
    assert request.url == "https://api.acme.example/v1/v1/chat/completions"


def managed() -> VenueSpec:
    """Return the spec of a venue that is started on a port."""
    serve = {"id": "acme", "command": ["acme", "{port}"]}
    return venue(base_url="http://127.0.0.1:{port}", serve=serve, credential_env=[])


def test_the_port_of_a_managed_venue_is_filled_in() -> None:
    """`{port}` of the base URL becomes the port that was given."""
    assert build(managed(), probe(), OPENAI, port=4711).url == "http://127.0.0.1:4711/v1/chat/completions"


def test_a_missing_port_is_an_error() -> None:
    """A managed venue without a port has no URL."""
    with pytest.raises(ValueError, match=r"base_url 'http://127\.0\.0\.1:\{port\}' without a port, expected"):
        build(managed(), probe(), OPENAI)


def test_headers_of_the_spec_win() -> None:
    """The spec's headers are sent, and replace ours of the same name."""
    spec = venue(dialect="anthropic", headers={"Anthropic-Version": "2026-10-21", "x-team": "a"})
    headers = build(spec, probe(), ANTHROPIC).headers
    assert [value for name, value in headers if name == "anthropic-version"] == ["2026-10-21"]
    assert ("x-team", "a") in headers


def test_a_stream_asks_for_its_usage() -> None:
    """A streamed chat says so, asks for usage, and accepts an event stream."""
    request = build(venue(), probe(stream=True), OPENAI)
    body = json.loads(request.body)
    assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})
    assert "text/event-stream" in dict(request.headers)["accept"]


def test_an_anthropic_stream_has_no_options() -> None:
    """The Messages dialect sends usage unasked and refuses unknown fields."""
    body = body_of(probe(stream=True), venue(dialect="anthropic"))
    assert body["stream"] is True
    assert "stream_options" not in body


@pytest.mark.parametrize(
    ("quirks", "sent", "there", "not_there"),
    [
        ({"max_tokens_field": "max_completion_tokens"}, probe(), {"max_completion_tokens": 32}, "max_tokens"),
        ({"temperature": False}, probe(), {}, "temperature"),
        ({"stream_usage_option": False}, probe(stream=True), {"stream": True}, "stream_options"),
        ({"forced_tool_choice": False}, probe(tool=TOOL), {"tool_choice": "auto"}, "temperature "),
        ({}, probe(tool=TOOL), {"tool_choice": "required"}, "response_format"),
    ],
)
def test_quirks_of_the_model_are_respected(
    quirks: dict[str, Any], sent: Probe, there: dict[str, Any], not_there: str
) -> None:
    """What the spec says that the model refuses is not sent."""
    body = body_of(sent, quirky(**quirks))
    assert there.items() <= body.items()
    assert not_there not in body


def test_quirks_of_another_model_have_no_part() -> None:
    """Quirks are those of the probe's own model."""
    spec = quirky(temperature=False)
    other = Probe("cold", "acme", "another", request=probe().request)
    assert "temperature" in body_of(other, spec)


@pytest.mark.parametrize(("forced", "choice"), [(True, "any"), (False, "auto")])
def test_a_tool_of_the_anthropic_dialect(forced: bool, choice: str) -> None:
    """A tool has its schema under `input_schema`, and a typed choice."""
    body = body_of(probe(tool=TOOL), quirky("anthropic", forced_tool_choice=forced))
    assert body["tools"] == [
        {"name": "tide_height", "description": "Height of the tide", "input_schema": TOOL.parameters}
    ]
    assert body["tool_choice"] == {"type": choice}


def test_a_tool_of_the_openai_dialect() -> None:
    """A tool is a typed function with its schema under `parameters`."""
    function = {"name": "tide_height", "description": "Height of the tide", "parameters": TOOL.parameters}
    assert body_of(probe(tool=TOOL))["tools"] == [{"type": "function", "function": function}]


def test_structured_output_of_either_dialect() -> None:
    """A schema is sent where each dialect expects it, strictly."""
    sent = probe(json_schema=SCHEMA)
    assert body_of(sent)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
    }
    expected = {"format": {"type": "json_schema", "schema": SCHEMA}}
    assert body_of(sent, venue(dialect="anthropic"))["output_config"] == expected


def test_extra_body_is_laid_over_everything() -> None:
    """Fields of the spec come last and win."""
    body = body_of(probe(extra_body={"reasoning_effort": "low", "temperature": 1}))
    assert (body["reasoning_effort"], body["temperature"]) == ("low", 1)


def test_text_is_sent_as_utf_8() -> None:
    """A prompt beyond ASCII is not escaped."""
    assert "Bodø" in build(venue(), probe(prompt="Bodø"), OPENAI).body.decode()
