"""Mistral. Composed after SDK types and public recordings of shape."""

from typing import Any

from support.events import Event, data_events
from support.profile import Envelope, Profile
from support.said import Said
from support.shapes import chat_completions as parts


def _id(said: Said) -> str:
    return f"{said.number:032x}"


def _calls(said: Said) -> list[dict[str, Any]]:
    """Return the tool call without a type, under an id of nine characters."""
    if said.tool is None:
        return []
    return [{"id": f"D{said.number:08d}", "function": {"name": said.tool.name, "arguments": said.tool.arguments}}]


def chat(said: Said) -> dict[str, Any]:
    """Return a chat; `tool_calls` is null on a text answer."""
    message = {"tool_calls": None} | parts.message(said, content={"content": ""}, calls=_calls(said))
    return parts.completion(said, _id(said), message) | {"usage": parts.usage(said)}


def stream(said: Said) -> tuple[Event, ...]:
    """Return a stream padded with `p`; call, finish reason and usage share one chunk, usage unasked."""
    steps = list(parts.steps(said, first={"role": "assistant", "content": ""}))
    if said.tool:
        steps[-1].delta["tool_calls"] = _calls(said)
    chunks = [parts.chunk(said, _id(said), step) | {"p": "abcdefgh"[: index % 8]} for index, step in enumerate(steps)]
    chunks[-1] |= {"usage": parts.usage(said)}
    return data_events(chunks)


def error(_status: int, code: str, text: str) -> dict[str, Any]:
    """Return Mistral's envelope of 400 and 429."""
    return {"object": "error", "message": text, "type": code, "param": None, "code": None}


PROFILE = Profile(
    name="mistral",
    model="mistral-small-latest",
    chat=chat,
    stream=stream,
    model_list=lambda models, _prices: parts.object_list(models, "mistralai"),
    error=error,
    refused_key=Envelope(401, {"detail": "Unauthorized"}),
    unknown_model=Envelope(400, error(400, "invalid_model", "Invalid model (composed text).") | {"code": "1500"}),
    exhausted_credit=Envelope(402, error(402, "billing", "No credit is left (composed text).")),
    rate_limited=Envelope(
        429,
        error(429, "rate_limited", "Rate limit exceeded") | {"code": "1300", "raw_status_code": 429},
    ),
    signs={
        "refused_key": {"status": [401]},
        "unknown_model": {"status": [400], "code": ["invalid_model", "1500"]},
    },
    headers=(("mistral-correlation-id", "composed-0001"), ("x-kong-upstream-latency", "12")),
)
