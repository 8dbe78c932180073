"""Anthropic's Messages dialect. Composed after SDK types and public recordings of shape."""

import json
from typing import Any

from support.events import Event
from support.profile import Envelope, Profile
from support.said import Prices, Said

_STOP = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}


def _input_usage(said: Said) -> dict[str, Any]:
    """Return the input counts: cached input is not inside `input_tokens`."""
    return {
        "input_tokens": said.input_tokens - said.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": said.cached_tokens,
    }


def _usage(said: Said, output_tokens: int) -> dict[str, Any]:
    cache = {"cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}}
    place = {"service_tier": "standard", "inference_geo": "not_available"}
    return _input_usage(said) | cache | {"output_tokens": output_tokens} | place


def _tool_block(said: Said, arguments: Any) -> dict[str, Any]:
    name = said.tool.name if said.tool else ""
    return {"type": "tool_use", "id": f"toolu_composed{said.number:014d}", "name": name, "input": arguments}


def _message(said: Said, content: list[dict[str, Any]], stop: str | None, output_tokens: int) -> dict[str, Any]:
    return {
        "model": said.model,
        "id": f"msg_composed{said.number:016d}",
        "type": "message",
        "role": "assistant",
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": _usage(said, output_tokens),
    }


def _input(arguments: str) -> Any:
    """Return the arguments as an object; as the text that they are, where they are none."""
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def chat(said: Said) -> dict[str, Any]:
    """Return a message; a tool call stands behind a block of text."""
    text = "Looking up the tide table." if said.tool else said.text
    content: list[dict[str, Any]] = [{"type": "text", "text": text}]
    if said.tool:
        content.append(_tool_block(said, _input(said.tool.arguments)))
    return _message(said, content, _STOP[said.finish], said.output_tokens)


def _deltas(said: Said) -> list[dict[str, Any]]:
    if said.tool is None:
        return [{"type": "text_delta", "text": piece} for piece in said.pieces]
    arguments, middle = said.tool.arguments, len(said.tool.arguments) // 2
    return [{"type": "input_json_delta", "partial_json": part} for part in ("", arguments[:middle], arguments[middle:])]


def _event(name: str, padding: int, **fields: Any) -> Event:
    return Event({"type": name, **fields}, name, padding)


def stream(said: Said) -> tuple[Event, ...]:
    """Return the events of a stream: padded, a ping after the block's start, no `[DONE]`."""
    block = _tool_block(said, {}) if said.tool else {"type": "text", "text": ""}
    end = {"stop_reason": _STOP[said.finish], "stop_sequence": None}
    usage = _input_usage(said) | {"output_tokens": said.output_tokens}
    return (
        _event("message_start", 11, message=_message(said, [], None, 1)),
        _event("content_block_start", 7, index=0, content_block=block),
        Event('{"type": "ping"}', "ping"),
        *(_event("content_block_delta", 5, index=0, delta=delta) for delta in _deltas(said)),
        _event("content_block_stop", 3, index=0),
        _event("message_delta", 12, delta=end, usage=usage),
        _event("message_stop", 6),
    )


def _model_list(models: tuple[str, ...], _prices: Prices) -> dict[str, Any]:
    entry = {"type": "model", "created_at": "2026-01-01T00:00:00Z", "max_input_tokens": 200000, "max_tokens": 64000}
    data = [{"id": model, "display_name": model, **entry} for model in models]
    ends = {"first_id": models[0] if models else None, "last_id": models[-1] if models else None}
    return {"data": data, "has_more": False, **ends}


def error(status: int, code: str, text: str) -> dict[str, Any]:
    """Return Anthropic's envelope; the type follows from the status where the documents name one."""
    types = {429: "rate_limit_error", 500: "api_error", 504: "timeout_error", 529: "overloaded_error"}
    kind = types.get(status, code)
    body = {"type": kind, "message": text}
    return {"type": "error", "error": body, "request_id": "req_composed0000000000000003"}


PROFILE = Profile(
    name="anthropic",
    model="claude-haiku-4-5",
    dialect="anthropic",
    adapter_path="/v1/messages",
    chat=chat,
    stream=stream,
    model_list=_model_list,
    error=error,
    refused_key=Envelope(401, error(401, "authentication_error", "invalid x-api-key")),
    unknown_model=Envelope(404, error(404, "not_found_error", "model: not-a-model")),
    exhausted_credit=Envelope(402, error(402, "billing_error", "No credit is left (composed text).")),
    rate_limited=Envelope(429, error(429, "rate_limit_error", "Over the request limit (composed text).")),
    no_route=Envelope(404, error(404, "not_found_error", "Not Found")),
    signs={
        "refused_key": {"status": [401], "code": ["authentication_error"]},
        "unknown_model": {"status": [404], "code": ["not_found_error"]},
        "exhausted_credit": {"status": [402], "code": ["billing_error"]},
    },
    echo=lambda model: f"{model}-20251001",
    resolves_to=("claude-*-20*",),
    headers=(("request-id", "req_composed0000000000000001"), ("x-envoy-upstream-service-time", "12")),
)
