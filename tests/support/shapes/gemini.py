"""Gemini's OpenAI-compatible endpoint. Composed after documents; the stream's usage and the 404 are extrapolated."""

from decimal import Decimal
from typing import Any

from support.events import Event, data_events
from support.profile import Envelope, Profile
from support.said import Prices, Said
from support.shapes import chat_completions as parts

_SIGNED = {"extra_content": {"google": {"thought_signature": "Y29tcG9zZWQ="}}}


def _usage(said: Said) -> dict[str, Any]:
    """Return the counts: reasoning is left out of the completion, but is in the total."""
    return parts.usage(said) | {"completion_tokens": said.output_tokens - len(said.thoughts)}


def _id(said: Said) -> str:
    return f"composed{said.number:012d}"


def chat(said: Said) -> dict[str, Any]:
    """Return a chat; a tool call has an empty id and a signature, and no `content` beside it."""
    calls = [parts.tool_call(said.tool, "", **_SIGNED)] if said.tool else None
    return parts.completion(said, _id(said), parts.message(said, content={}, calls=calls)) | {"usage": _usage(said)}


def stream(said: Said) -> tuple[Event, ...]:
    """Return a stream without a role-only chunk, `finish_reason` only at the end, and `stop` after a tool call."""
    steps = list(parts.steps(said, first=None, calls=parts.whole_call(said, "", index=0, **_SIGNED)))
    chunks = [parts.chunk(said, _id(said), step) for step in steps]
    for chunk in chunks:
        chunk["choices"][0]["delta"]["role"] = "assistant"
    for chunk in chunks[:-1]:
        del chunk["choices"][0]["finish_reason"]
    if said.tool:
        chunks[-1]["choices"][0]["finish_reason"] = "stop"
    chunks[-1] |= {"usage": _usage(said)} if said.wants_usage else {}
    return data_events(chunks)


def _model_list(models: tuple[str, ...], _prices: Prices) -> dict[str, Any]:
    """Return the list; its ids are Google's resource names, while chats take the name with or without `models/`."""
    return parts.object_list(tuple(f"models/{model}" for model in models), "google")


def error(status: int, code: str, text: str) -> list[dict[str, Any]]:
    """Return Google's envelope in a list of one."""
    return [{"error": {"code": status, "message": text, "status": code}}]


_REFUSED = error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")
_REFUSED[0]["error"]["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]

PROFILE = Profile(
    name="gemini",
    model="gemini-3.8-flash",
    base_path="/v1beta/openai",
    adapter_path="/chat/completions",
    chat=chat,
    stream=stream,
    model_list=_model_list,
    error=error,
    refused_key=Envelope(400, _REFUSED),
    unknown_model=Envelope(404, error(404, "NOT_FOUND", "models/not-a-model is not found (composed text).")),
    exhausted_credit=Envelope(402, error(402, "FAILED_PRECONDITION", "Prepaid credit is depleted (composed text).")),
    rate_limited=Envelope(429, error(429, "RESOURCE_EXHAUSTED", "Quota of this minute is used up (composed text).")),
    signs={
        "refused_key": {"status": [400, 401], "message_contains": "API key not valid"},
        "unknown_model": {"status": [404], "code": ["NOT_FOUND"]},
        "exhausted_credit": {"status": [402]},
    },
    thinks=True,
    prices=Prices(Decimal("0.75"), Decimal("3.75")),
    capabilities=("stream", "tools", "json_schema", "reasoning"),
    quirks={"usage_total_is_sum": False},
    headers=(("server-timing", "gfet4t7; dur=14"),),
)
