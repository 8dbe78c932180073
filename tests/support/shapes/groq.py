"""Groq with a reasoning model. Composed after SDK types and public recordings of shape."""

from typing import Any

from support.events import Event, data_events
from support.profile import Envelope, Profile
from support.said import Said
from support.shapes import chat_completions as parts

_EXTRAS = {"system_fingerprint": "fp_0darkhost0"}


def _usage(said: Said) -> dict[str, Any]:
    times = {"queue_time": 0.0051, "prompt_time": 0.0042, "completion_time": 0.0913, "total_time": 0.0955}
    return parts.usage(said) | times | {"completion_tokens_details": {"reasoning_tokens": len(said.thoughts)}}


def _x_groq(said: Said, **more: Any) -> dict[str, Any]:
    return {"x_groq": {"id": f"req_01composed{said.number:015d}", **more}}


def _id(said: Said) -> str:
    return f"chatcmpl-00000000-0000-4000-8000-{said.number:012d}"


def _call_id(said: Said) -> str:
    return f"fc_00000000-0000-4000-8000-{said.number:012d}"


def chat(said: Said) -> dict[str, Any]:
    """Return a chat; a message that calls a tool has no `content` key."""
    calls = [parts.tool_call(said.tool, _call_id(said))] if said.tool else None
    message = parts.message(said, content={}, reasoning="reasoning", calls=calls)
    body = parts.completion(said, _id(said), message, choice={"logprobs": None})
    extras = {"usage_breakdown": None, "service_tier": "on_demand"}
    return body | {"usage": _usage(said)} | extras | _EXTRAS | _x_groq(said, seed=7)


def stream(said: Said) -> tuple[Event, ...]:
    """Return a stream; usage rides on the finish chunk, twice, unasked."""
    calls = parts.whole_call(said, _call_id(said), index=0)
    steps = parts.steps(
        said,
        first={"role": "assistant", "content": None if said.tool else ""},
        reasoning=lambda piece: {"reasoning": piece, "channel": "analysis"},
        calls=calls,
    )
    chunks = [parts.chunk(said, _id(said), step, choice={"logprobs": None}) | _EXTRAS for step in steps]
    chunks[0] |= _x_groq(said, seed=7)
    chunks[-1] |= _x_groq(said, usage=_usage(said)) | {"usage": _usage(said)}
    return data_events(chunks)


def error(status: int, code: str, text: str) -> dict[str, Any]:
    """Return Groq's envelope."""
    return {"error": {"message": text, "type": "invalid_request_error", "code": code}}


PROFILE = Profile(
    name="groq",
    model="openai/gpt-oss-120b",
    base_path="/openai",
    chat=chat,
    stream=stream,
    model_list=lambda models, _prices: parts.object_list(models, "composed"),
    error=error,
    refused_key=Envelope(401, error(401, "invalid_api_key", "Invalid API Key")),
    unknown_model=Envelope(404, error(404, "model_not_found", "No such model for this key (composed text).")),
    exhausted_credit=Envelope(402, error(402, "insufficient_credit", "No credit is left (composed text).")),
    rate_limited=Envelope(
        429,
        {"error": {"message": "Too many tokens (composed text).", "type": "tokens", "code": "rate_limit_exceeded"}},
    ),
    signs={
        "refused_key": {"status": [401], "code": ["invalid_api_key"]},
        "unknown_model": {"status": [404], "code": ["model_not_found"]},
    },
    thinks=True,
    capabilities=("stream", "tools", "json_schema", "reasoning"),
    headers=(("x-groq-region", "osl"), ("x-ratelimit-reset-requests", "1m26.4s"), ("x-request-id", "req_composed")),
)
