"""
What the JSON report says of one probe and of the cassette that it was read from: addresses, times, digests, no bodies.

Dotted names are in `semconv`.
"""

import hashlib
from typing import TYPE_CHECKING, Any

from pytest_darkhost import semconv
from pytest_darkhost.dialects.response_headers import request_id
from pytest_darkhost.moments import rfc3339
from pytest_darkhost.plain_text import one_line
from pytest_darkhost.verdicts import JSON

if TYPE_CHECKING:
    from pytest_darkhost.observations import CassetteLabel, Observation, ProbeError

_LONGEST = 60
"""Characters that are kept of a date or a finish reason, both the venue's."""
_OFFSETS = (
    "dns_ms",
    "tcp_ms",
    "tls_ms",
    "request_sent_ms",
    "first_byte_ms",
    "first_token_ms",
    "first_answer_token_ms",
    "last_token_ms",
    "end_ms",
)


def cassette_record(label: "CassetteLabel | None") -> dict[str, JSON] | None:
    """Return what was replayed as a JSON-safe object; `None` for what was not."""
    if label is None:
        return None
    return {
        "name": label.name,
        "digest": {"sha256": label.sha256},
        "origin": "composed" if label.composed else "recorded",
        "recorded_at": rfc3339(label.recorded_at),
        "run_id": label.run_id,
        "version": label.version,
        "base_url": label.base_url,
        "key_header": label.key_header,
        "spec_sha256": label.spec_sha256,
        "unplayed": list(label.unplayed),
    }


def probe_record(observation: "Observation") -> dict[str, Any]:
    """Return what one probe sent and saw, without bodies."""
    probe, answer, usage = observation.probe, observation.answer, observation.usage
    return {
        "probe": probe.id,
        "key": probe.key.value,
        semconv.GEN_AI_OPERATION_NAME: "chat" if probe.request else "list_models",
        semconv.GEN_AI_PROVIDER_NAME: probe.venue,
        semconv.GEN_AI_REQUEST_MODEL: probe.request.model if probe.request else None,
        semconv.GEN_AI_RESPONSE_MODEL: answer.model if answer else None,
        semconv.GEN_AI_RESPONSE_ID: answer.id if answer else None,
        semconv.GEN_AI_RESPONSE_FINISH_REASONS: _shown(answer.finish_reason) if answer else [],
        semconv.GEN_AI_USAGE_INPUT_TOKENS: usage.input_tokens if usage else None,
        semconv.GEN_AI_USAGE_OUTPUT_TOKENS: usage.billed_output_tokens if usage else None,
        semconv.ERROR_TYPE: observation.error.kind.value if observation.error else None,
        "error": error_record(observation.error) if observation.error else None,
        "rate_limit_wait_ms": round(observation.rate_limit_wait_s * 1000, 3),
        "adapter_problem": observation.adapter_problem,
        "stream_end": observation.stream_end.value if observation.stream_end else None,
        "cost_usd": str(observation.cost_usd),
        "worst_case_usd": str(probe.worst_case_usd),
        **_exchange_record(observation),
    }


def _shown(finish_reason: str | None) -> list[str]:
    return [one_line(finish_reason, _LONGEST)] if finish_reason else []


def _exchange_record(observation: "Observation") -> dict[str, Any]:
    exchange, timeline = observation.exchange, observation.timeline
    if exchange is None:
        return {"mode": None}
    connection = exchange.connection
    return {
        "mode": exchange.mode.value,
        "started_at": rfc3339(exchange.started_at),
        semconv.URL_FULL: exchange.url,
        semconv.HTTP_REQUEST_METHOD: exchange.method,
        semconv.HTTP_RESPONSE_STATUS_CODE: exchange.status,
        semconv.NETWORK_PROTOCOL_VERSION: exchange.http_version,
        semconv.NETWORK_PEER_ADDRESS: connection.peer_address if connection else None,
        "connection_fresh": connection.fresh if connection else None,
        semconv.TLS_PROTOCOL_VERSION: connection.tls_version if connection else None,
        semconv.TLS_SERVER_HASH_SHA256: connection.tls_certificate_sha256 if connection else None,
        "tls_verified": connection.tls_verified if connection else None,
        "proxy": connection.proxy if connection else None,
        "ca_source": connection.ca_source if connection else None,
        "response_date": one_line(exchange.header("date") or "", _LONGEST) or None,
        "request_id": request_id(exchange.headers, exchange.header("cf-ray")),
        "loop_lag_ms": round(exchange.loop_lag_ms, 3),
        "request_digest": {"sha256": hashlib.sha256(exchange.request_body).hexdigest()},
        "response_digest": {"sha256": hashlib.sha256(exchange.body).hexdigest()},
        **{name: _rounded(getattr(timeline, name)) for name in _OFFSETS},
    }


def error_record(error: "ProbeError") -> dict[str, Any]:
    """Return a probe's error as a JSON-safe object."""
    return {
        "kind": error.kind.value,
        "retryable": error.retryable,
        "message": error.message,
        "phase": error.phase.value if error.phase else None,
        "status": error.status,
        "venue_code": error.venue_code,
        "venue_message": error.venue_message,
        "request_id": error.request_id,
        "retry_after_s": error.retry_after_s,
        "location": error.location,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
