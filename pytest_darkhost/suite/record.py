"""
The `darkhost` object of one test in the JSON report: what was judged, how, and from which observations.

Dotted names are those of the OpenTelemetry semantic conventions (HTTP, TLS, GenAI client).
"""

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost.checks.case import Source
from pytest_darkhost.observations import Mode, Observation, Observations, ProbeError
from pytest_darkhost.specs.models import Target
from pytest_darkhost.suite import carrier
from pytest_darkhost.suite.run import RUN
from pytest_darkhost.verdicts import JSON, Failed, NotJudged, Verdict

if TYPE_CHECKING:
    from pytest_darkhost.suite.items import CheckItem

PROPERTY = carrier.PROPERTY
CLOCK = "perf_counter_ns at data_received"


def record(item: "CheckItem", verdict: Verdict) -> dict[str, JSON]:
    """Return the JSON-safe object of one judged item. Holds no key."""
    read = _read_by(item)
    data: dict[str, Any] = {
        "check": item.check.name,
        "verdict": _word(verdict),
        "reason_code": verdict.code if isinstance(verdict, NotJudged) else None,
        "source": item.source.value,
        "mode": _mode(item, read),
        "venue": item.loaded.spec.venue,
        "model": item.model.slug if item.model else None,
        "spec": {"name": item.place, "digest": {"sha256": item.loaded.digest}},
        "expected": "" if isinstance(verdict, NotJudged) else verdict.expected,
        "actual": verdict.reason if isinstance(verdict, NotJudged) else verdict.actual,
        "context": dict(verdict.context),
        "figures": dict(verdict.figures),
        "clock": CLOCK if read else None,
        "uncertainty_ms": max((o.exchange.loop_lag_ms for o in read if o.exchange), default=None),
        "probes": [probe_record(observation) for observation in read],
    }
    cleaned: dict[str, JSON] = item.run_state.redactor.clean(data)
    return cleaned


def own_test_record(item: pytest.Item, passed: bool, seen: Observations, target: Target | None) -> dict[str, JSON]:  # noqa: FBT001
    """Return the object of a team's own test that read observations."""
    modes = {observation.mode for observation in seen if observation.exchange}
    data: dict[str, Any] = {
        "check": item.name,
        "verdict": "passed" if passed else "failed",
        "reason_code": None,
        "source": Source.LIVE.value,
        "mode": str(Mode.UNSEEN if Mode.UNSEEN in modes else Mode.LIVE) if modes else None,
        "venue": target.venue.venue if target else None,
        "model": target.model.slug if target else None,
        "probes": [probe_record(observation) for observation in seen],
    }
    cleaned: dict[str, JSON] = item.config.stash[RUN].redactor.clean(data)
    return cleaned


def _word(verdict: Verdict) -> str:
    if isinstance(verdict, NotJudged):
        return "not_judged"
    return "failed" if isinstance(verdict, Failed) else "passed"


def _read_by(item: "CheckItem") -> tuple[Observation, ...]:
    """Return the observations that the check read, in the order sent."""
    seen = item.case().observations
    return tuple(observation for observation in seen if observation.probe.name in item.check.needs)


def _mode(item: "CheckItem", read: tuple[Observation, ...]) -> str | None:
    """Return how the observations came about: the weakest of them, and nothing where none was made."""
    if item.source is Source.CATALOG:
        return "catalog"
    modes = {observation.mode for observation in read if observation.exchange}
    if not modes:
        return None
    return str(Mode.UNSEEN if Mode.UNSEEN in modes else Mode.LIVE)


def probe_record(observation: Observation) -> dict[str, Any]:
    """Return what one probe sent and saw, without bodies."""
    probe, answer, usage = observation.probe, observation.answer, observation.usage
    return {
        "probe": probe.id,
        "gen_ai.operation.name": "chat" if probe.request else "list_models",
        "gen_ai.provider.name": probe.venue,
        "gen_ai.request.model": probe.request.model if probe.request else None,
        "gen_ai.response.model": answer.model if answer else None,
        "gen_ai.response.id": answer.id if answer else None,
        "gen_ai.response.finish_reasons": [answer.finish_reason] if answer and answer.finish_reason else [],
        "gen_ai.usage.input_tokens": usage.input_tokens if usage else None,
        "gen_ai.usage.output_tokens": usage.billed_output_tokens if usage else None,
        "error.type": observation.error.kind.value if observation.error else None,
        "error": error_record(observation.error) if observation.error else None,
        "adapter_problem": observation.adapter_problem,
        "stream_end": observation.stream_end.value if observation.stream_end else None,
        "cost_usd": str(observation.cost_usd),
        "worst_case_usd": str(probe.worst_case_usd),
        **_exchange_record(observation),
    }


def _exchange_record(observation: Observation) -> dict[str, Any]:
    exchange, timeline = observation.exchange, observation.timeline
    if exchange is None:
        return {"mode": None}
    connection = exchange.connection
    return {
        "mode": exchange.mode.value,
        "started_at": exchange.started_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "url.full": exchange.url,
        "http.request.method": exchange.method,
        "http.response.status_code": exchange.status,
        "network.protocol.version": exchange.http_version,
        "network.peer.address": connection.peer_address if connection else None,
        "connection_fresh": connection.fresh if connection else None,
        "tls.protocol.version": connection.tls_version if connection else None,
        "tls.server.hash.sha256": connection.tls_certificate_sha256 if connection else None,
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


def error_record(error: ProbeError) -> dict[str, Any]:
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
