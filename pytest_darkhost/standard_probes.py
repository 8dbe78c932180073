"""
What each standard probe asks, whatever the venue; how it looks on the wire is the dialects' matter.

Pure.
"""

from dataclasses import replace
from typing import Any

from pytest_darkhost.probes import ChatRequest, ProbeName, ProbeTemplate, Tool
from pytest_darkhost.specs.models import ModelSpec, VenueSpec
from pytest_darkhost.specs.target_settings import Capability

UNKNOWN_MODEL = "darkhost-no-such-model"
"""A model name that no venue serves."""

WEATHER = Tool(
    name="get_weather",
    description="Returns the current weather in a city.",
    parameters={
        "type": "object",
        "properties": {"city": {"type": "string", "description": "Name of the city, such as Oslo"}},
        "required": ["city"],
        "additionalProperties": False,
    },
)
CAPITAL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"capital": {"type": "string"}, "population": {"type": "integer"}},
    "required": ["capital", "population"],
    "additionalProperties": False,
}


def _prompt(nonce: str, text: str) -> str:
    """Return a prompt that no venue can have cached: its first line names the run and the sample."""
    return f"Run {nonce}.\n{text}"


def chat(_venue: VenueSpec, model: ModelSpec, nonce: str) -> ChatRequest:
    """Return the plainest request: one word is asked for."""
    return _request(model, _prompt(nonce, "Reply with the one word: ready"), "chat")


def _timed_chat(venue: VenueSpec, model: ModelSpec, nonce: str) -> ChatRequest:
    """Return a chat that is compared with the warm ones: it asks for as much as they do."""
    return _count(venue, model, nonce) if model.streams_are_warm else chat(venue, model, nonce)


def _count(_venue: VenueSpec, model: ModelSpec, nonce: str) -> ChatRequest:
    text = "Count from 1 to 30 in digits, separated by blanks. Write nothing else."
    return _request(model, _prompt(nonce, text), "stream")


def _stream(venue: VenueSpec, model: ModelSpec, nonce: str) -> ChatRequest:
    return replace(_count(venue, model, nonce), stream=True)


def _tool(_venue: VenueSpec, model: ModelSpec, nonce: str) -> ChatRequest:
    return replace(_request(model, _prompt(nonce, "What is the weather in Oslo? Use the tool."), "tool"), tool=WEATHER)


def _tool_stream(venue: VenueSpec, model: ModelSpec, nonce: str) -> ChatRequest:
    return replace(_tool(venue, model, nonce), stream=True)


def _structured(_venue: VenueSpec, model: ModelSpec, nonce: str) -> ChatRequest:
    text = "Give the capital of Norway and its population as a JSON object with the keys capital and population."
    return replace(_request(model, _prompt(nonce, text), "json_schema"), json_schema=CAPITAL_SCHEMA)


def _unknown(venue: VenueSpec, model: ModelSpec, nonce: str) -> ChatRequest:
    return replace(chat(venue, model, nonce), model=UNKNOWN_MODEL)


def _request(model: ModelSpec, prompt: str, ceiling: str) -> ChatRequest:
    return ChatRequest(
        model=model.upstream_model,
        prompt=prompt,
        max_tokens=getattr(model.token_ceilings, ceiling),
        extra_body=model.extra_body or {},
    )


def _warm_samples(model: ModelSpec) -> int:
    return model.samples.warm or 0 if model.samples else 1


def _stream_samples(model: ModelSpec) -> int:
    return model.samples.stream if model.samples else 1


def _refusals(model: ModelSpec) -> int:
    return 0 if model.quirks and model.quirks.unknown_model == "answered" else 1


def _able(capability: Capability) -> Any:
    return lambda model: int(capability in (model.capabilities or ()))


TARGET_TEMPLATES = (
    ProbeTemplate(ProbeName.COLD, _timed_chat, fresh_connection=True),
    ProbeTemplate(ProbeName.WARM, _timed_chat, samples=_warm_samples),
    ProbeTemplate(
        ProbeName.STREAM,
        _stream,
        samples=lambda model: _stream_samples(model) * _able(Capability.STREAM)(model),
    ),
    ProbeTemplate(ProbeName.TOOL_CALL, _tool, samples=_able(Capability.TOOLS)),
    ProbeTemplate(
        ProbeName.TOOL_CALL_STREAM,
        _tool_stream,
        samples=lambda model: _able(Capability.TOOLS)(model) * _able(Capability.STREAM)(model),
    ),
    ProbeTemplate(ProbeName.JSON_SCHEMA, _structured, samples=_able(Capability.JSON_SCHEMA)),
    ProbeTemplate(ProbeName.UNKNOWN_MODEL, _unknown, samples=_refusals),
)
