"""
Drives a stand-in venue through the package's own parts: plan, request, wire, reading, checks.

It leaves out what pytest and the broker add, so that a fault can be followed from the socket to each verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pytest_darkhost.catalog.rows import Catalog, CatalogSource, ModelRow, ProviderRow
from pytest_darkhost.checks.case import Case, Check, Scope, Source
from pytest_darkhost.checks.judging import judge
from pytest_darkhost.checks.registry import STANDARD
from pytest_darkhost.dialects.reading import read
from pytest_darkhost.dialects.requests import build
from pytest_darkhost.observations import Observation, Observations
from pytest_darkhost.plan import Owner, Plan, make_plan
from pytest_darkhost.secrets import Credential, Redactor
from pytest_darkhost.specs.models import ModelSpec, VenueSpec
from pytest_darkhost.specs.resolution import AdapterPath, adapter_path
from pytest_darkhost.transport.client import TargetClient
from pytest_darkhost.transport.clock import LoopLag
from pytest_darkhost.verdicts import NotJudged, Passed, Verdict
from support.keys import KEY
from support.spec_factory import target
from support.venue_server import VenueServer

ADAPTER_PATHS: Mapping[str, str] = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "gemini": "/chat/completions",
}


@dataclass(frozen=True, slots=True)
class Smoked:
    """What one pass over a venue with one model gave."""

    spec: VenueSpec
    observations: tuple[Observation, ...]
    verdicts: Mapping[str, Verdict]
    """By check; a check of the venue and one of the target of the same name are told apart by `venue `."""

    @property
    def outcomes(self) -> dict[str, str]:
        """`passed`, `failed`, or the reason code of what was not judged, by check."""
        return {name: outcome(verdict) for name, verdict in self.verdicts.items()}


def outcome(verdict: Verdict) -> str:
    """Return a verdict as one word."""
    if isinstance(verdict, NotJudged):
        return str(verdict.code)
    return "passed" if isinstance(verdict, Passed) else "failed"


def plan_for(spec: VenueSpec, nonce: str = "composed") -> Plan:
    """Return the requests that all standard checks of a venue need."""
    needs = {scope: frozenset(n for c in STANDARD if c.scope is scope for n in c.needs) for scope in Scope}
    owners = {Owner(spec.venue): needs[Scope.VENUE]}
    owners |= {Owner(spec.venue, model.slug): needs[Scope.TARGET] for model in spec.models}
    return make_plan([spec], owners, nonce=nonce)


def catalog_for(spec: VenueSpec) -> Catalog:
    """Return a catalog that agrees with a spec."""
    rows = tuple(_row(spec, model) for model in spec.models)
    providers = (ProviderRow(spec.venue, spec.base_url),)
    return Catalog(CatalogSource.REFERENCE, "reference catalog", None, providers, rows)


def _row(spec: VenueSpec, model: ModelSpec) -> ModelRow:
    prices = (model.price.in_per_mtok_usd, model.price.out_per_mtok_usd)
    return ModelRow(model.slug, spec.venue, model.upstream_model, *prices, active=False)


async def observe(spec: VenueSpec, path: AdapterPath, plan: Plan, lag: LoopLag) -> tuple[Observation, ...]:
    """Return what each probe of a plan saw, sent one after the other over one client."""
    redactor = Redactor.of([KEY])
    async with TargetClient(spec, credential=Credential(KEY), redactor=redactor, lag=lag) as client:
        seen = []
        for probe in plan.probes:
            exchange = await client.send(build(spec, probe, path), key=probe.key, fresh=probe.fresh_connection)
            # The lag of a busy test machine is no fault of the stand-in; what it does to verdicts is tested elsewhere.
            seen.append(read(spec, probe, replace(exchange, loop_lag_ms=0.0)))
        return tuple(seen)


def _case(
    spec: VenueSpec, model: ModelSpec | None, path: AdapterPath, seen: tuple[Observation, ...], source: Source
) -> Case:
    slug = None if model is None else model.slug
    by_probe: dict[str, tuple[Observation, ...]] = {}
    for observation in seen:
        if observation.probe.model == slug:
            name = observation.probe.name
            by_probe[name] = (*by_probe.get(name, ()), observation)
    observations = Observations(by_probe)
    return Case(spec, model, observations, catalog_for(spec), path, source, frozenset({spec.venue}))


def judged(
    spec: VenueSpec, path: AdapterPath, seen: tuple[Observation, ...], source: Source = Source.LIVE
) -> dict[str, Verdict]:
    """Return the verdict of every standard check on a venue with one model."""
    scopes = zip(Scope, (None, spec.models[0]), strict=True)
    cases = {scope: _case(spec, model, path, seen, source) for scope, model in scopes}
    return {_name(check): judge(check, _sourced(check, cases[check.scope])) for check in STANDARD}


def _name(check: Check) -> str:
    return f"venue {check.name}" if check.name == "catalog_parity" and check.scope is Scope.VENUE else check.name


def _sourced(check: Check, case: Case) -> Case:
    return case if Source.LIVE in check.sources else replace(case, source=Source.CATALOG)


async def smoke(server: VenueServer, lag: LoopLag, name: str | None = None, /, **overrides: Any) -> Smoked:
    """Return all verdicts on a stand-in venue; arguments as in `spec_factory.venue_mapping`."""
    spec, _ = target(server, name, **overrides)
    path = adapter_path(spec, ADAPTER_PATHS)
    seen = await observe(spec, path, plan_for(spec), lag)
    return Smoked(spec, seen, judged(spec, path, seen))
