"""
Composed cases for the tests of checks: a spec, a catalog, and what a healthy venue would have shown. No recordings.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pytest_darkhost.catalog.rows import Catalog, CatalogSource, ModelRow, ProviderRow
from pytest_darkhost.checks.case import Case, Scope, Source
from pytest_darkhost.checks.judging import judge
from pytest_darkhost.checks.registry import STANDARD
from pytest_darkhost.observations import (
    Answer,
    Chunk,
    Connection,
    Delta,
    ErrorKind,
    Exchange,
    Mode,
    Observation,
    Observations,
    ProbeError,
    StreamEnd,
    Timeline,
    ToolCall,
    Usage,
)
from pytest_darkhost.plan import Owner, make_plan
from pytest_darkhost.probes import Key, Probe, ProbeName
from pytest_darkhost.specs.access import Dialect, ErrorSign, ErrorSigns
from pytest_darkhost.specs.models import ModelSpec, Price, VenueSpec
from pytest_darkhost.specs.resolution import AdapterPath
from pytest_darkhost.specs.target_settings import Capability, LatencyBudget, Quirks, Samples, TokenCeilings
from pytest_darkhost.verdicts import Failed, NotJudged, Verdict

SLUG, UPSTREAM, VENUE = "gpt-oss-120b-together", "openai/gpt-oss-120b", "together"
BASE = "https://api.together.ai"
PATH = AdapterPath("/v1/chat/completions", "default")
URL = f"{BASE}/v1/chat/completions"
MODELS_URL = f"{BASE}/v1/models"
DURATIONS_MS = {ProbeName.COLD: 600.0, ProbeName.WARM: 400.0, ProbeName.STREAM: 900.0}
CHATS = (ProbeName.COLD, ProbeName.WARM)
ANSWERED = (*CHATS, ProbeName.STREAM, ProbeName.TOOL_CALL, ProbeName.TOOL_CALL_STREAM, ProbeName.JSON_SCHEMA)
BUDGET = LatencyBudget(
    cold_ms=2000,
    warm_ms=1000,
    ttft_ms=500,
    inter_token_latency_ms=50,
    tokens_per_second_min=30,
    cold_to_warm_ratio_max=10,
)


def make_model(**changes: Any) -> ModelSpec:
    """Return a model with all settings applied."""
    values: dict[str, Any] = {
        "slug": SLUG,
        "upstream_model": UPSTREAM,
        "brand": "openai",
        "price": Price(
            in_per_mtok_usd=Decimal("0.15"),
            out_per_mtok_usd=Decimal("0.60"),
            source="composed",
            as_of=date(2026, 11, 1),
        ),
        "capabilities": tuple(Capability),
        "latency_budget": BUDGET,
        "samples": Samples(warm=3, stream=3),
        "token_ceilings": TokenCeilings(),
        "quirks": Quirks(),
    }
    return ModelSpec(**(values | changes))


def make_venue(model: ModelSpec, **changes: Any) -> VenueSpec:
    """Return a venue with one model."""
    values: dict[str, Any] = {
        "venue": VENUE,
        "dialect": Dialect.OPENAI,
        "base_url": BASE,
        "aliases": ("https://api.together.xyz",),
        "credential_env": ("TOGETHER_API_KEY",),
        "errors": ErrorSigns(
            refused_key=ErrorSign(status=(401,), code=("invalid_api_key",)),
            unknown_model=ErrorSign(status=(404,), code=("model_not_available",)),
        ),
        "models": (model,),
    }
    return VenueSpec(**(values | changes))


def make_row(**changes: Any) -> ModelRow:
    """Return the catalog's row of the model."""
    row = ModelRow(SLUG, VENUE, UPSTREAM, Decimal("0.150"), Decimal("0.6"), active=False)
    return replace(row, **changes)


def make_catalog(*rows: ModelRow, providers: tuple[ProviderRow, ...] | None = None) -> Catalog:
    """Return a catalog with the venue's provider and these rows, or the model's."""
    found = (ProviderRow(VENUE, BASE), ProviderRow("groq", "https://api.groq.com/openai"))
    return Catalog(
        CatalogSource.DATABASE,
        "sqlite:///catalog.db",
        "0002",
        found if providers is None else providers,
        rows or (make_row(),),
    )


def make_exchange(**changes: Any) -> Exchange:
    """Return an exchange that was answered with 200."""
    values: dict[str, Any] = {
        "method": "POST",
        "url": URL,
        "request_body": b"{}",
        "started_at": datetime(2026, 11, 22, tzinfo=UTC),
        "mode": Mode.LIVE,
        "status": 200,
        "chunks": (Chunk(1, b"{}"),),
        "connection": Connection(fresh=False),
    }
    return Exchange(**(values | changes))


def refusal(kind: ErrorKind, status: int, code: str) -> ProbeError:
    """Return an error that the venue reported."""
    return ProbeError(kind, "the venue refused", status=status, venue_code=code, request_id="req_1")


def _text(probe: Probe) -> str:
    if probe.name == ProbeName.JSON_SCHEMA:
        return '{"capital": "Oslo", "population": 717710}'
    return "1 2 3 4 5" if probe.name == ProbeName.STREAM else "ready"


def _answer(probe: Probe) -> Answer:
    if probe.name in {ProbeName.TOOL_CALL, ProbeName.TOOL_CALL_STREAM}:
        calls = (ToolCall("get_weather", '{"city": "Oslo"}', "call_1"),)
        return Answer(tool_calls=calls, finish_reason="tool_calls", model=UPSTREAM)
    return Answer(_text(probe), finish_reason="stop", model=UPSTREAM)


def _usage(probe: Probe) -> Usage:
    tokens_in = 140 if probe.request and probe.request.tool else 40
    tokens_out = 21 if probe.name == ProbeName.STREAM else 4
    return Usage(tokens_in, tokens_out, tokens_in + tokens_out)


def _timeline(probe: Probe) -> Timeline:
    end = DURATIONS_MS.get(ProbeName(probe.name), 500.0)
    set_up = {"dns_ms": 20.0, "tcp_ms": 40.0, "tls_ms": 100.0} if probe.name == ProbeName.COLD else {}
    tokens = {"first_token_ms": 300.0, "first_answer_token_ms": 320.0, "last_token_ms": 700.0}
    streamed = probe.request is not None and probe.request.stream
    return Timeline(**set_up, end_ms=end, **(tokens if streamed else {}))


def healthy_observation(probe: Probe) -> Observation:
    """Return what a healthy venue shows to one probe."""
    if probe.request is None:
        return Observation(
            probe, make_exchange(method="GET", url=MODELS_URL), listed_models=(UPSTREAM, "qwen/qwen3-9b")
        )
    if probe.key is Key.REFUSED:
        error = refusal(ErrorKind.AUTH_REFUSED, 401, "invalid_api_key")
        return Observation(probe, make_exchange(status=401), error)
    if probe.name == ProbeName.UNKNOWN_MODEL:
        error = refusal(ErrorKind.NO_SUCH_MODEL, 404, "model_not_available")
        return Observation(probe, make_exchange(status=404), error)
    streamed, usage = probe.request.stream, _usage(probe)
    return Observation(
        probe,
        make_exchange(connection=Connection(fresh=probe.fresh_connection)),
        answer=_answer(probe),
        usage=usage,
        usages=(usage,) if streamed else (),
        stream_end=StreamEnd.COMPLETE if streamed else None,
        deltas=(Delta(300.0, "1 2"), Delta(450.0, " 3 4"), Delta(700.0, " 5")) if streamed else (),
        timeline=_timeline(probe),
    )


def healthy(venue: VenueSpec) -> Observations:
    """Return what a healthy venue shows to all standard probes of its first model and of itself."""
    names = frozenset(ProbeName)
    owners = (Owner(venue.venue), Owner(venue.venue, venue.models[0].slug))
    groups: dict[str, tuple[Observation, ...]] = {}
    for probe in make_plan([venue], dict.fromkeys(owners, names), nonce="n").probes:
        groups[probe.name] = (*groups.get(probe.name, ()), healthy_observation(probe))
    return Observations(groups)


def make_case(model: ModelSpec | None = None, **changes: Any) -> Case:
    """Return a healthy live case of a target; `venue` holds changes of the spec."""
    model = model or make_model()
    venue = make_venue(model, **changes.pop("venue", {}))
    values: dict[str, Any] = {
        "venue": venue,
        "model": model,
        "observations": healthy(venue),
        "catalog": make_catalog(),
        "adapter_path": PATH,
        "source": Source.LIVE,
        "known_venues": frozenset({VENUE, "groq"}),
    }
    return Case(**(values | changes))


Change = Callable[[Observation], Observation]


def changed(case: Case, names: tuple[str, ...], change: Change, samples: tuple[int, ...] = ()) -> Case:
    """Return a case with a change made to the observations of these probes, all samples or the given."""
    groups = dict(case.observations.by_probe)
    for name in names:
        groups[name] = tuple(
            change(seen) if not samples or seen.probe.sample in samples else seen for seen in groups[name]
        )
    return replace(case, observations=Observations(groups))


def with_answer(**changes: Any) -> Change:
    """Return a change of the answer."""
    return lambda seen: replace(seen, answer=replace(seen.answer, **changes))


def with_usage(**changes: Any) -> Change:
    """Return a change of the usage."""
    return lambda seen: replace(seen, usage=replace(seen.usage, **changes))


def with_exchange(**changes: Any) -> Change:
    """Return a change of the exchange."""
    return lambda seen: replace(seen, exchange=replace(seen.exchange, **changes))


def with_timeline(**changes: Any) -> Change:
    """Return a change of the timeline."""
    return lambda seen: replace(seen, timeline=replace(seen.timeline, **changes))


def broken(kind: ErrorKind, status: int | None = None, **details: Any) -> Change:
    """Return a change to a call that failed before anything was read of it."""
    error = ProbeError(kind, f"composed {kind}", status=status, **details)
    body = (Chunk(1, b"<html>"),) if kind is ErrorKind.HTML else ()

    def change(seen: Observation) -> Observation:
        exchange = replace(seen.exchange, status=status, chunks=body)
        return Observation(seen.probe, exchange, error, stream_end=None)

    return change


def unsent(kind: ErrorKind) -> Change:
    """Return a change to a call that was not sent."""
    return lambda seen: Observation(seen.probe, None, ProbeError(kind, "not sent"))


def judged(case: Case) -> Mapping[str, Verdict]:
    """Return the verdicts of all standard checks of the case's source; those of the venue under `venue <name>`."""
    found: dict[str, Verdict] = {}
    for check in STANDARD:
        if case.source not in check.item_sources:
            continue
        owner = "venue " if check.scope is Scope.VENUE and check.name == "catalog_parity" else ""
        of_venue = check.scope is Scope.VENUE
        found[owner + check.name] = judge(check, replace(case, model=None) if of_venue else case)
    return found


def failed(verdicts: Mapping[str, Verdict]) -> set[str]:
    """Return the names of the checks that failed."""
    return {name for name, verdict in verdicts.items() if isinstance(verdict, Failed)}


def unjudged(verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    """Return the reason codes of the checks that were not judged, by name."""
    return {name: str(verdict.code) for name, verdict in verdicts.items() if isinstance(verdict, NotJudged)}
