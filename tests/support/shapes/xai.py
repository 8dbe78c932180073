"""xAI with a reasoning model. Composed after public recordings of shape; the unknown model's error is extrapolated."""

from decimal import Decimal
from typing import Any

from support.events import Event, data_events
from support.profile import Envelope, Profile
from support.said import Prices, Said
from support.shapes import chat_completions as parts

_TICKS_PER_USD = 10_000_000_000


def _usage(said: Said) -> dict[str, Any]:
    """Return the counts: reasoning is left out of the completion, but is in the total and in the cost."""
    return parts.usage(said) | {
        "completion_tokens": said.output_tokens - len(said.thoughts),
        "prompt_tokens_details": {"text_tokens": said.input_tokens, "cached_tokens": said.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": len(said.thoughts)},
        "num_sources_used": 0,
        "cost_in_usd_ticks": int(said.cost_usd * _TICKS_PER_USD),
    }


def _id(said: Said) -> str:
    return f"00000000-0000-4000-8000-{said.number:012d}"


def _call_id(said: Said) -> str:
    return f"call_{said.number:08d}"


def chat(said: Said) -> dict[str, Any]:
    """Return a chat; a tool call has empty content and, at times, an empty finish reason."""
    calls = [parts.tool_call(said.tool, _call_id(said))] if said.tool else None
    message = parts.message(said, content={"content": ""}, calls=calls) | {"refusal": None}
    body = parts.completion(said, _id(said), message)
    body["choices"][0]["finish_reason"] = "" if said.tool else said.finish
    return body | {"usage": _usage(said), "system_fingerprint": "fp_composed"}


def stream(said: Said) -> tuple[Event, ...]:
    """Return a stream: no role-only chunk, `finish_reason` only at the end, usage on a chunk of its own if asked."""
    calls = parts.whole_call(said, _call_id(said), index=0)
    chunks = [parts.chunk(said, _id(said), step) for step in parts.steps(said, first=None, calls=calls)]
    chunks[0]["choices"][0]["delta"]["role"] = "assistant"
    for chunk in chunks[:-1]:
        del chunk["choices"][0]["finish_reason"]
    last = [parts.chunk(said, _id(said), None) | {"usage": _usage(said)}] if said.wants_usage else []
    return data_events([*chunks, *last])


def error(_status: int, code: str, text: str) -> dict[str, Any]:
    """Return xAI's envelope: `error` is text."""
    return {"code": code, "error": text}


PROFILE = Profile(
    name="xai",
    model="grok-4.3",
    chat=chat,
    stream=stream,
    model_list=lambda models, _prices: parts.object_list(models, "xai"),
    error=error,
    refused_key=Envelope(400, error(400, "invalid-argument", "Incorrect API key provided (composed text).")),
    unknown_model=Envelope(404, error(404, "not-found", "The model not-a-model does not exist (composed text).")),
    exhausted_credit=Envelope(403, error(403, "permission-denied", "No credits or licence left (composed text).")),
    rate_limited=Envelope(429, error(429, "resource-exhausted", "Too many requests (composed text).")),
    signs={
        "refused_key": {"status": [400], "message_contains": "API key"},
        "unknown_model": {"status": [404], "message_contains": "model"},
        "exhausted_credit": {"status": [403], "message_contains": "credits"},
    },
    echo=lambda model: f"{model}-reasoning",
    resolves_to=("*-reasoning",),
    thinks=True,
    cached_tokens=8,
    prices=Prices(Decimal("1.25"), Decimal("2.50"), Decimal("0.20")),
    capabilities=("stream", "tools", "json_schema", "reasoning"),
    quirks={"usage_total_is_sum": False},
)
