"""Fireworks AI with a reasoning model. Composed after SDK types and public recordings of shape; 429 is extrapolated."""

from typing import Any

from support.events import Event, data_events
from support.profile import Envelope, Profile
from support.said import Said
from support.shapes import chat_completions as parts


def _id(said: Said) -> str:
    return f"composed{said.number:08d}-chatcmpl-{said.number:07d}"


def _call_id(said: Said) -> str:
    return f"call_composed{said.number:014d}"


def _usage(said: Said) -> dict[str, Any]:
    return parts.usage(said) | {"prompt_tokens_details": {"cached_tokens": 0}}


def chat(said: Said) -> dict[str, Any]:
    """Return a chat; reasoning is in `reasoning_content`, and the choice has no `logprobs`."""
    calls = [parts.tool_call(said.tool, _call_id(said), index=0)] if said.tool else None
    message = parts.message(said, content={"content": None}, reasoning="reasoning_content", calls=calls)
    return parts.completion(said, _id(said), message) | {"usage": _usage(said)}


def stream(said: Said) -> tuple[Event, ...]:
    """Return a stream; usage is null on all chunks but the last, which has no choices."""
    calls = parts.call_in_parts(said, _call_id(said))
    for deltas in calls[1:]:
        deltas[0].pop("type", None)
    first = {"role": "assistant"}
    steps = parts.steps(said, first=first, reasoning=lambda piece: {"reasoning_content": piece}, calls=calls)
    nulls = {"raw_output": None}
    chunks = [parts.chunk(said, _id(said), step, choice=nulls) | {"usage": None} for step in steps]
    return data_events([*chunks, parts.chunk(said, _id(said), None) | {"usage": _usage(said)}])


def error(_status: int, code: str, text: str) -> dict[str, Any]:
    """Return Fireworks' envelope."""
    return {"error": {"message": text, "code": code, "type": "error"}}


PROFILE = Profile(
    name="fireworks",
    model="accounts/fireworks/models/deepseek-v4p1-flash",
    base_path="/inference",
    chat=chat,
    stream=stream,
    model_list=lambda models, _prices: {"data": [{"id": model, "object": "model"} for model in models]},
    error=error,
    refused_key=Envelope(401, error(401, "UNAUTHORIZED", "This key is not valid (composed text).")),
    unknown_model=Envelope(
        404,
        {
            "error": {
                "message": "No such model (composed text).",
                "param": "model",
                "code": "NOT_FOUND",
                "type": "error",
            },
            "request_id": "chatcmpl-composed000000004",
        },
    ),
    exhausted_credit=Envelope(402, error(402, "PAYMENT_REQUIRED", "No credit is left (composed text).")),
    rate_limited=Envelope(429, error(429, "rate_limit_exceeded", "Over the rate of this account (composed text).")),
    signs={
        "refused_key": {"status": [401], "code": ["UNAUTHORIZED"]},
        "unknown_model": {"status": [404], "code": ["NOT_FOUND"]},
        "exhausted_credit": {"status": [402, 412]},
    },
    thinks=True,
    capabilities=("stream", "tools", "json_schema", "reasoning"),
    headers=(("x-ratelimit-over-limit", "no"), ("fireworks-server-time-to-first-token", "0.012")),
)
