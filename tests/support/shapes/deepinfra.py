"""DeepInfra. Composed after its documents; streamed tool calls, unknown model and 402 are extrapolated."""

from decimal import Decimal
from typing import Any

from support.events import Event, data_events
from support.profile import Envelope, Profile
from support.said import Prices, Said
from support.shapes import chat_completions as parts


def _id(said: Said) -> str:
    return f"chatcmpl-composed{said.number:012d}"


def _call_id(said: Said) -> str:
    return f"call_composed{said.number:014d}"


def _usage(said: Said) -> dict[str, Any]:
    return parts.usage(said) | {"estimated_cost": float(said.cost_usd), "prompt_tokens_details": None}


def chat(said: Said) -> dict[str, Any]:
    """Return a chat; keys that do not apply are null, and usage holds the venue's own cost in USD."""
    calls = [parts.tool_call(said.tool, _call_id(said))] if said.tool else None
    nulls = {"reasoning_content": None, "name": None, "tool_calls": None}
    message = nulls | parts.message(said, content={"content": None}, calls=calls)
    return parts.completion(said, _id(said), message, choice={"logprobs": None}) | {"usage": _usage(said)}


def stream(said: Said) -> tuple[Event, ...]:
    """Return a stream with usage on a chunk of its own, unasked."""
    calls = parts.call_in_parts(said, _call_id(said))
    steps = parts.steps(said, first={"role": "assistant", "content": ""}, calls=calls)
    chunks = [parts.chunk(said, _id(said), step) for step in steps]
    return data_events([*chunks, parts.chunk(said, _id(said), None) | {"usage": _usage(said)}])


def _model_list(models: tuple[str, ...], prices: Prices) -> dict[str, Any]:
    listed = parts.object_list(models, "deepinfra")
    pricing = {"input_tokens": float(prices.input), "output_tokens": float(prices.output)}
    for entry in listed["data"]:
        entry |= {"root": entry["id"], "parent": None, "metadata": {"context_length": 131072, "pricing": pricing}}
    return listed


PROFILE = Profile(
    name="deepinfra",
    model="meta-llama/Llama-3.3-70B-Instruct-Turbo",
    chat=chat,
    stream=stream,
    model_list=_model_list,
    error=parts.openai_error,
    refused_key=Envelope(
        401,
        {"error": {"message": "Not authenticated", "type": "invalid_request_error", "param": None, "code": None}},
    ),
    unknown_model=Envelope(404, parts.openai_error(404, "model_not_found", "The model does not exist (composed).")),
    exhausted_credit=Envelope(402, {"detail": {"error": "The balance is used up (composed text)."}}),
    rate_limited=Envelope(429, parts.openai_error(429, "engine_overloaded", "Model busy, retry later")),
    signs={
        "refused_key": {"status": [401, 403]},
        "unknown_model": {"status": [404], "code": ["model_not_found"]},
        "exhausted_credit": {"status": [402]},
    },
    prices=Prices(Decimal("0.10"), Decimal("0.32")),
)
