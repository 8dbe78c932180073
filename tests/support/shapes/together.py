"""Together AI with a reasoning model. Composed after SDK types and public recordings of shape."""

from typing import Any

from support.events import Event, data_events
from support.profile import Envelope, Profile
from support.said import Prices, Said
from support.shapes import chat_completions as parts
from support.shapes.chat_completions import Step


def _id(said: Said) -> str:
    return f"omComp{said.number}-4Yaaaa-0000000000000000"


def _call_id(said: Said) -> str:
    return f"call_{said.number:024x}"


def _usage(said: Said) -> dict[str, Any]:
    return parts.usage(said) | {"reasoning_tokens": 0}


def chat(said: Said) -> dict[str, Any]:
    """Return a chat; `tool_calls` is an empty list on a text answer, and reasoning is counted as 0."""
    calls = [parts.tool_call(said.tool, _call_id(said), index=0)] if said.tool else None
    empty: dict[str, Any] = {"tool_calls": []}
    message = empty | parts.message(said, content={"content": ""}, reasoning="reasoning", calls=calls)
    body = parts.completion(said, _id(said), message, choice={"logprobs": None, "seed": None})
    return body | {"metadata": {"weight_version": "default"}, "prompt": [], "usage": _usage(said)}


def _chunk(said: Said, step: Step) -> dict[str, Any]:
    """Return a chunk: role, content and reasoning are in every delta."""
    delta = {"token_id": None, "role": "assistant", "content": "", "reasoning": None} | step.delta
    whole = Step(delta, step.finish)
    return parts.chunk(said, _id(said), whole, choice={"text": delta["content"], "logprobs": None}) | {"usage": None}


def stream(said: Said) -> tuple[Event, ...]:
    """Return a stream; later tool deltas carry `id: null`, and usage has a chunk of its own, unasked."""
    calls = parts.call_in_parts(said, _call_id(said), later={"id": None, "type": "function"})
    for deltas in calls[1:]:
        deltas[0]["function"]["name"] = None
    steps = parts.steps(said, first={}, reasoning=lambda piece: {"reasoning": piece}, calls=calls)
    chunks = [_chunk(said, step) for step in steps]
    return data_events([*chunks, parts.chunk(said, _id(said), None) | {"usage": _usage(said)}])


def _model_list(models: tuple[str, ...], prices: Prices) -> list[dict[str, Any]]:
    """Return the bare list, prices in USD per million tokens."""
    pricing = {"hourly": 0, "input": float(prices.input), "output": float(prices.output), "base": 0, "finetune": 0}
    entry = {"object": "model", "created": 0, "type": "chat", "context_length": 131072, "pricing": pricing}
    return [{"id": model, **entry} for model in models]


def error(_status: int, code: str, text: str) -> dict[str, Any]:
    """Return Together's envelope of chats, which has an id beside the error."""
    body = {"message": text, "type": "invalid_request_error", "param": None, "code": code}
    return {"id": "omComp0-2kaaaa-0000000000000000", "error": body}


PROFILE = Profile(
    name="together",
    model="openai/gpt-oss-120b",
    chat=chat,
    stream=stream,
    model_list=_model_list,
    error=error,
    refused_key=Envelope(401, error(401, "invalid_api_key", "The key is not a valid one (composed text).")),
    refused_key_models=Envelope(401, {"error": {"message": "Unauthorized"}}),
    unknown_model=Envelope(404, error(404, "model_not_available", "No such model (composed text).")),
    exhausted_credit=Envelope(402, error(402, "spending_limit", "The spending limit is reached (composed text).")),
    rate_limited=Envelope(
        429,
        {"id": "omComp4-2kaaaa-0", "error": {"message": "Rejected.", "type": "dynamic_request_limited", "code": None}},
    ),
    signs={
        "refused_key": {"status": [401]},
        "unknown_model": {"status": [404], "code": ["model_not_available"]},
        "exhausted_credit": {"status": [402]},
    },
    thinks=True,
    capabilities=("stream", "tools", "json_schema", "reasoning"),
    headers=(("x-inference-version", "v2"), ("retry-after", "1"), ("x-ratelimit-remaining", "195.0")),
)
