"""OpenAI, and a plain venue of its dialect without any extras. Composed after SDK types and documents."""

from typing import Any

from support.events import Event, data_events
from support.profile import Envelope, Profile
from support.said import Said
from support.shapes import chat_completions as parts


def _id(said: Said) -> str:
    return f"chatcmpl-composed{said.number:014d}"


def _call_id(said: Said) -> str:
    return f"call_composed{said.number:016d}"


def _usage(said: Said) -> dict[str, Any]:
    details = {"prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0}}
    return parts.usage(said) | details | {"completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0}}


def _plain_chat(said: Said) -> dict[str, Any]:
    calls = [parts.tool_call(said.tool, _call_id(said))] if said.tool else None
    message = parts.message(said, content={"content": None}, calls=calls)
    return parts.completion(said, _id(said), message) | {"usage": parts.usage(said)}


def chat(said: Said) -> dict[str, Any]:
    """Return a chat with `refusal`, `annotations` and details of the usage."""
    body = _plain_chat(said)
    body["choices"][0]["message"] |= {"refusal": None, "annotations": []}
    return body | {"usage": _usage(said), "service_tier": "default", "system_fingerprint": None}


def _chunks(said: Said) -> list[dict[str, Any]]:
    calls = parts.call_in_parts(said, _call_id(said))
    first = {"role": "assistant", "content": None if said.tool else "", "refusal": None}
    return [parts.chunk(said, _id(said), step) for step in parts.steps(said, first=first, calls=calls)]


def _plain_stream(said: Said) -> tuple[Event, ...]:
    last = [parts.chunk(said, _id(said), None) | {"usage": parts.usage(said)}] if said.wants_usage else []
    return data_events([*_chunks(said), *last])


def stream(said: Said) -> tuple[Event, ...]:
    """Return a stream padded with `obfuscation`; usage only where it was asked for, on a chunk of its own."""
    nulls = {"usage": None} if said.wants_usage else {}
    chunks = [chunk | nulls | {"obfuscation": "x" * (9 - index % 5)} for index, chunk in enumerate(_chunks(said))]
    last = parts.chunk(said, _id(said), None) | {"usage": _usage(said), "obfuscation": ""}
    return data_events([*chunks, last] if said.wants_usage else chunks)


_SHARED: dict[str, Any] = {
    "model_list": lambda models, _prices: parts.object_list(models, "composed"),
    "error": parts.openai_error,
    "refused_key": Envelope(401, parts.openai_error(401, "invalid_api_key", "Incorrect API key provided (composed).")),
    "unknown_model": Envelope(404, parts.openai_error(404, "model_not_found", "The model does not exist (composed).")),
    "exhausted_credit": Envelope(
        429,
        {
            "error": {
                "message": "The quota is used up (composed text).",
                "type": "insufficient_quota",
                "param": None,
                "code": "insufficient_quota",
            },
        },
    ),
    "rate_limited": Envelope(429, parts.openai_error(429, "rate_limit_exceeded", "Too many requests (composed text).")),
    "signs": {
        "refused_key": {"status": [401], "code": ["invalid_api_key"]},
        "unknown_model": {"status": [404], "code": ["model_not_found"]},
        "exhausted_credit": {"status": [429], "code": ["insufficient_quota"]},
    },
}

PLAIN = Profile(name="openai-plain", model="plain-1", chat=_plain_chat, stream=_plain_stream, **_SHARED)
PROFILE = Profile(
    name="openai",
    model="gpt-6-luna",
    chat=chat,
    stream=stream,
    headers=(("x-request-id", "req_composed"), ("openai-processing-ms", "11"), ("openai-version", "2020-10-01")),
    quirks={"max_tokens_field": "max_completion_tokens", "temperature": False},
    **_SHARED,
)
