"""Specs, probes and exchanges for the tests of the dialects."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pytest_darkhost.dialects.reading import read
from pytest_darkhost.observations import Chunk, Exchange, Marks, Mode, Observation
from pytest_darkhost.probes import ChatRequest, Probe, Tool
from pytest_darkhost.specs.models import VenueSpec

SAMPLES = Path(__file__).parent / "samples"
META: Mapping[str, Mapping[str, Mapping[str, Any]]] = json.loads((SAMPLES / "meta.json").read_text(encoding="utf-8"))
NS_PER_MS = 1_000_000
JSON_TYPE = (("content-type", "application/json"),)
SSE_TYPE = (("content-type", "text/event-stream"),)
TOOL = Tool(
    "tide_height",
    "Height of the tide",
    {"type": "object", "properties": {"harbour": {"type": "string"}}, "required": ["harbour"]},
)
ERRORS: Mapping[str, Mapping[str, Any]] = {
    "groq": {
        "refused_key": {"status": [401], "code": ["invalid_api_key"]},
        "unknown_model": {"status": [404], "code": ["model_not_found"]},
    },
    "deepinfra": {
        "refused_key": {"status": [401, 403]},
        "unknown_model": {"status": [404], "code": ["model_not_found"]},
        "exhausted_credit": {"status": [402]},
    },
    "together": {
        "refused_key": {"status": [401]},
        "unknown_model": {"status": [404], "code": ["model_not_available"]},
        "exhausted_credit": {"status": [402]},
    },
    "fireworks": {
        "refused_key": {"status": [401], "code": ["UNAUTHORIZED"]},
        "unknown_model": {"status": [404], "code": ["NOT_FOUND"]},
        "exhausted_credit": {"status": [402, 412]},
    },
    "novita": {
        "refused_key": {"status": [401], "code": ["FAILED_TO_AUTH"]},
        "unknown_model": {"status": [404], "code": ["MODEL_NOT_FOUND"]},
        "exhausted_credit": {"status": [403], "code": ["NOT_ENOUGH_BALANCE"]},
    },
    "anthropic": {
        "refused_key": {"status": [401], "code": ["authentication_error"]},
        "unknown_model": {"status": [404], "code": ["not_found_error"]},
        "exhausted_credit": {"status": [402], "code": ["billing_error"]},
    },
    "openai": {
        "refused_key": {"status": [401], "code": ["invalid_api_key"]},
        "unknown_model": {"status": [404], "code": ["model_not_found"]},
        "exhausted_credit": {"status": [429], "code": ["insufficient_quota"]},
    },
    "gemini": {
        "refused_key": {"status": [400, 401], "message_contains": "API key"},
        "unknown_model": {"status": [404], "code": ["NOT_FOUND"]},
        "exhausted_credit": {"status": [402]},
    },
    "mistral": {
        "refused_key": {"status": [401]},
        "unknown_model": {"status": [400], "code": ["1500", "invalid_model"]},
    },
    "xai": {
        "refused_key": {"status": [400], "code": ["invalid-argument"], "message_contains": "API key"},
        "unknown_model": {"status": [404], "code": ["not-found"]},
    },
}
PLAIN_ERRORS = {"refused_key": {"status": [401]}, "unknown_model": {"status": [404], "code": ["model_not_found"]}}


def venue(name: str = "acme", dialect: str | None = None, **changes: Any) -> VenueSpec:
    """Return a small spec; a venue of the ten has its own error signs."""
    model = {
        "slug": f"small-{name}",
        "upstream_model": "acme/small",
        "brand": "acme",
        "price": {"in_per_mtok_usd": "1", "out_per_mtok_usd": "2", "source": "composed", "as_of": "2026-11-22"},
        **changes.pop("model", {}),
    }
    spec = {
        "venue": name,
        "dialect": dialect or ("anthropic" if name == "anthropic" else "openai"),
        "base_url": "https://api.acme.example",
        "credential_env": ["ACME_API_KEY"],
        "errors": ERRORS.get(name, PLAIN_ERRORS),
        "models": [model],
        **changes,
    }
    return VenueSpec.model_validate(spec)


def chat(**changes: Any) -> ChatRequest:
    """Return a chat request."""
    return ChatRequest(**{"model": "acme/small", "prompt": "nonce\nOne word.", "max_tokens": 32, **changes})


def probe(**changes: Any) -> Probe:
    """Return a probe of a chat; keyword arguments are those of the chat request."""
    return Probe("cold", "acme", "small-acme", request=chat(**changes))


CHAT = probe()
STREAM = probe(stream=True)
MODELS = Probe("model_list", "acme", None)


def exchange(
    body: bytes | str | Any = b"",
    status: int | None = 200,
    headers: tuple[tuple[str, str], ...] = JSON_TYPE,
    *,
    chunks: Iterable[Chunk] | None = None,
    **changes: Any,
) -> Exchange:
    """Return an exchange; a body that is neither bytes nor text is sent as JSON. It arrives at 5 ms."""
    if not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    data = body.encode() if isinstance(body, str) else body
    parts = (Chunk(5 * NS_PER_MS, data),) if chunks is None else tuple(chunks)
    return Exchange(
        "POST",
        "https://api.acme.example/v1/chat/completions",
        b"{}",
        datetime(2026, 11, 22, tzinfo=UTC),
        Mode.LIVE,
        status=status,
        headers=headers,
        chunks=parts,
        **{"marks": Marks(first_byte_ns=4 * NS_PER_MS, end_ns=9 * NS_PER_MS), **changes},
    )


def streamed(*events: Any, step_ms: int = 10, done: str | None = "[DONE]") -> tuple[Chunk, ...]:
    """Return a chunk for each event, `step_ms` apart; events that are not text are sent as JSON."""
    datas = [event if isinstance(event, str) else json.dumps(event) for event in events]
    datas += [done] if done else []
    return tuple(
        Chunk(place * step_ms * NS_PER_MS, f"data: {data}\n\n".encode()) for place, data in enumerate(datas, start=1)
    )


def read_stream(
    *events: Any, spec: VenueSpec | None = None, done: str | None = "[DONE]", **changes: Any
) -> Observation:
    """Return what is read of a stream of these events; keyword arguments are those of the exchange."""
    chunks = streamed(*events, done=done)
    return read(spec or venue(), STREAM, exchange(headers=SSE_TYPE, chunks=chunks, **changes))


def read_anthropic(*events: Any, **changes: Any) -> Observation:
    """Return what is read of a stream of Anthropic's events, each named after its type."""
    lines = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]
    chunks = tuple(Chunk(place * 10 * NS_PER_MS, line) for place, line in enumerate(lines, start=1))
    return read(venue(dialect="anthropic"), STREAM, exchange(headers=SSE_TYPE, chunks=chunks, **changes))


def sample_exchange(name: str, file: str) -> Exchange:
    """Return the exchange of a sample file."""
    meta = META[name][file]
    headers = (("content-type", meta["content_type"]), *meta["headers"].items())
    return exchange((SAMPLES / name / file).read_bytes(), meta["status"], headers)


def completion(**changes: Any) -> dict[str, Any]:
    """Return a good chat completion; keyword arguments replace its keys."""
    return {
        "id": "composed",
        "object": "chat.completion",
        "model": "acme/small",
        "choices": [choice()],
        "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
        **changes,
    }


def choice(**changes: Any) -> dict[str, Any]:
    """Return a good choice; keyword arguments replace the keys of its message, `finish_reason` its own."""
    reason = changes.pop("finish_reason", "stop")
    return {"index": 0, "message": {"role": "assistant", "content": "word", **changes}, "finish_reason": reason}


def chunk(finish_reason: str | None = None, /, *, usage: Any = None, **delta: Any) -> dict[str, Any]:
    """Return a good chunk of a chat completion with this delta."""
    return {
        "id": "composed",
        "object": "chat.completion.chunk",
        "model": "acme/small",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        "usage": usage,
    }


def message(**changes: Any) -> dict[str, Any]:
    """Return a good Anthropic message; keyword arguments replace its keys."""
    return {
        "id": "composed",
        "type": "message",
        "role": "assistant",
        "model": "acme/small",
        "content": [{"type": "text", "text": "word"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 9, "output_tokens": 3},
        **changes,
    }
