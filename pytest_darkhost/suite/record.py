"""
The `darkhost` object of one test in the JSON report: what was judged, how, and from which observations.

Dotted names are in `semconv`.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost import semconv
from pytest_darkhost.checks.case import Source
from pytest_darkhost.moments import rfc3339
from pytest_darkhost.secrets import Redactor
from pytest_darkhost.specs.models import Target
from pytest_darkhost.suite import carrier
from pytest_darkhost.verdicts import JSON, Failed, NotJudged, Verdict

if TYPE_CHECKING:
    from pytest_darkhost.observations import CassetteLabel, Observation, Observations, ProbeError
    from pytest_darkhost.suite.items import CheckItem

PROPERTY = carrier.PROPERTY
_WEAKEST_FIRST = ("unseen", "composed", "replay", "live")
"""Values of `Mode`, from the one that proves least."""
CLOCKS = {
    "kernel": "kernel receive time (SO_TIMESTAMPNS)",
    "user": "perf_counter_ns at data_received",
}
"""Values of `Clock`, in words."""
_ENCODER = json.JSONEncoder(allow_nan=False)


def record(item: "CheckItem", verdict: Verdict) -> dict[str, JSON]:
    """Return the JSON-safe object of one judged item, from which `as_text` takes keys."""
    read = _read_by(item)
    data: dict[str, Any] = {
        "check": item.check.name,
        "verdict": _word(verdict),
        "reason_code": verdict.code if isinstance(verdict, NotJudged) else None,
        "source": item.source.value,
        "mode": _mode(item, read),
        "venue": item.loaded.spec.venue,
        "model": item.model.slug if item.model else None,
        "logical_slug": item.model.logical_slug if item.model else None,
        "spec": {"name": item.place, "digest": {"sha256": item.loaded.digest}},
        "expected": "" if isinstance(verdict, NotJudged) else verdict.expected,
        "actual": verdict.reason if isinstance(verdict, NotJudged) else verdict.actual,
        "context": dict(verdict.context),
        "figures": dict(verdict.figures),
        "clock": _clock(read),
        "uncertainty_ms": max((o.exchange.loop_lag_ms for o in read if o.exchange), default=None),
        "cassette": cassette_record(item.observations.cassette),
        "probes": [probe_record(observation) for observation in read] if item.run_state.reports else [],
    }
    return data


def as_text(data: dict[str, JSON], redactor: Redactor) -> str:
    """Return the JSON text of an object, without keys. Raises `ValueError` for a number that JSON has not."""
    # To look for keys in one text is faster than to clean each of its parts. Escapes would hide them.
    if redactor.knows_keys and redactor.found_in(json.dumps(data, ensure_ascii=False)):
        data = redactor.clean(data)
    return _ENCODER.encode(data)


def _clock(read: "tuple[Observation, ...]") -> str | None:
    """Return who stamped what was read: the kernel where it stamped all of it. `None` where a cassette does not say."""
    clocks = {observation.exchange.clock for observation in read if observation.exchange}
    if not read or None in clocks:
        return None
    return CLOCKS["kernel" if set(map(str, clocks)) == {"kernel"} else "user"]


def own_test_record(
    item: pytest.Item, seen: "Observations", target: Target | None, *, source: Source, passed: bool
) -> dict[str, JSON]:
    """Return the object of a team's own test that read observations."""
    return {
        "check": item.name,
        "verdict": "passed" if passed else "failed",
        "reason_code": None,
        "source": source.value,
        "mode": weakest_mode(seen),
        "venue": target.venue.venue if target else None,
        "model": target.model.slug if target else None,
        "cassette": cassette_record(seen.cassette),
        "probes": [probe_record(observation) for observation in seen],
    }


def _word(verdict: Verdict) -> str:
    if isinstance(verdict, NotJudged):
        return "not_judged"
    return "failed" if isinstance(verdict, Failed) else "passed"


def _read_by(item: "CheckItem") -> "tuple[Observation, ...]":
    """Return the observations that the check read, in the order sent."""
    groups, needs = item.observations.by_probe.items(), item.check.needs_of(item.model)
    return tuple(observation for name, group in groups if name in needs for observation in group)


def _mode(item: "CheckItem", read: "tuple[Observation, ...]") -> str | None:
    """Return how the observations came about: the weakest of them, and nothing where none was made."""
    if item.source is Source.CATALOG:
        return "catalog"
    return weakest_mode(read)


def weakest_mode(observations: "Iterable[Observation]") -> str | None:
    """Return the mode that proves least of those seen, or `None` where nothing was."""
    modes = {observation.mode.value for observation in observations if observation.exchange}
    return next((mode for mode in _WEAKEST_FIRST if mode in modes), None)


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
        semconv.GEN_AI_RESPONSE_FINISH_REASONS: [answer.finish_reason] if answer and answer.finish_reason else [],
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
        "response_date": exchange.header("date"),
        "request_id": next((v for n in _REQUEST_IDS if (v := exchange.header(n))), None),
        "loop_lag_ms": round(exchange.loop_lag_ms, 3),
        "request_digest": {"sha256": hashlib.sha256(exchange.request_body).hexdigest()},
        "response_digest": {"sha256": hashlib.sha256(exchange.body).hexdigest()},
        **{name: _rounded(getattr(timeline, name)) for name in _OFFSETS},
    }


_REQUEST_IDS = ("x-request-id", "request-id", "x-trace-id", "mistral-correlation-id", "cf-ray")
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
