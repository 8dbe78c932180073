"""Novita AI. Composed after public recordings of shape; tool calls and 429 are extrapolated."""

from typing import Any

from support.events import Event, data_events
from support.profile import Envelope, Profile
from support.said import Prices, Said
from support.shapes import chat_completions as parts
from support.shapes.chat_completions import Step

_PLAIN = ("hate", "self_harm", "sexual", "violence")
_FILTERS: dict[str, Any] = {name: {"filtered": False} for name in _PLAIN} | {
    name: {"filtered": False, "detected": False} for name in ("jailbreak", "profanity")
}
_CHOICE = {"content_filter_results": _FILTERS}


def _id(said: Said) -> str:
    return f"chatcmpl-{said.number:032d}"


def _usage(said: Said, output_tokens: int) -> dict[str, Any]:
    counts = {"prompt_tokens": said.input_tokens, "completion_tokens": output_tokens}
    nulls = {"prompt_tokens_details": None, "completion_tokens_details": None}
    return counts | {"total_tokens": said.input_tokens + output_tokens} | nulls


def chat(said: Said) -> dict[str, Any]:
    """Return a chat with content filter results and an empty fingerprint."""
    calls = [parts.tool_call(said.tool, f"call_composed{said.number:012d}")] if said.tool else None
    message = parts.message(said, content={"content": None}, calls=calls)
    body = parts.completion(said, _id(said), message, choice=_CHOICE)
    return body | {"usage": _usage(said, said.output_tokens), "system_fingerprint": ""}


def _chunk(said: Said, step: Step | None, output_tokens: int) -> dict[str, Any]:
    extras = {"system_fingerprint": "", "sla_metrics": {"ttft_ms": 413, "ts_us": 1795500000500000}}
    return parts.chunk(said, _id(said), step, choice=_CHOICE) | extras | {"usage": _usage(said, output_tokens)}


def stream(said: Said) -> tuple[Event, ...]:
    """Return a stream with cumulative usage on every chunk."""
    calls = parts.call_in_parts(said, f"call_composed{said.number:012d}")
    steps = parts.steps(said, first={"role": "assistant"}, calls=calls)
    chunks = [_chunk(said, step, step.tokens) for step in steps]
    return data_events([*chunks, _chunk(said, None, said.output_tokens)])


def _model_list(models: tuple[str, ...], prices: Prices) -> dict[str, Any]:
    """Return the list; prices are USD per million tokens, times 10,000."""
    entry = {
        "model_type": "chat",
        "context_size": 131072,
        "status": 1,
        "input_token_price_per_m": int(prices.input * 10_000),
        "output_token_price_per_m": int(prices.output * 10_000),
    }
    return {"data": [{"id": model, "display_name": model, "title": model, **entry} for model in models]}


def error(status: int, code: str, text: str) -> dict[str, Any]:
    """Return Novita's envelope: another one for 5xx."""
    if status >= 500:
        return {"message": f"{text}, trace_id: 00000000000000000000000000000001", "type": "server_error"}
    return {"code": status, "reason": code, "message": text, "metadata": {}}


PROFILE = Profile(
    name="novita",
    model="meta-llama/llama-3.3-70b-instruct",
    base_path="/openai",
    chat=chat,
    stream=stream,
    model_list=_model_list,
    error=error,
    refused_key=Envelope(401, error(401, "FAILED_TO_AUTH", "failed to authenticate API key")),
    unknown_model=Envelope(404, error(404, "MODEL_NOT_FOUND", "model not found")),
    exhausted_credit=Envelope(403, error(403, "NOT_ENOUGH_BALANCE", "balance is used up (composed text)")),
    rate_limited=Envelope(429, error(429, "RATE_LIMIT_EXCEEDED", "rate limit exceeded")),
    no_route=Envelope(404, "404 page not found", "text/plain"),
    signs={
        "refused_key": {"status": [401], "code": ["FAILED_TO_AUTH"]},
        "unknown_model": {"status": [404], "code": ["MODEL_NOT_FOUND"]},
        "exhausted_credit": {"status": [403], "code": ["NOT_ENOUGH_BALANCE"]},
    },
    headers=(("x-trace-id", "00000000000000000000000000000001"),),
)
