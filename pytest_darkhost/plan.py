"""
Which requests a run will send, known before the first is sent: order, ceilings and worst-case cost.

Pure. What is asked is in `standard_probes`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from pytest_darkhost.pricing import tokens_usd
from pytest_darkhost.probes import ChatRequest, Key, Probe, ProbeName, ProbeTemplate
from pytest_darkhost.specs.models import ModelSpec, VenueSpec
from pytest_darkhost.specs.target_settings import Quirks
from pytest_darkhost.standard_probes import TARGET_TEMPLATES, chat


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose probes: a venue's own (`model` is `None`) or a target's."""

    venue: str
    model: str | None = None


@dataclass(frozen=True)
class Plan:
    """The requests of a run, in the order in which each venue is asked."""

    probes: tuple[Probe, ...]

    @cached_property
    def by_owner(self) -> Mapping[Owner, tuple[Probe, ...]]:
        """The probes of each owner, in order."""
        groups: dict[Owner, list[Probe]] = {}
        for probe in self.probes:
            groups.setdefault(Owner(probe.venue, probe.model), []).append(probe)
        return {owner: tuple(probes) for owner, probes in groups.items()}

    @property
    def worst_case_usd(self) -> Decimal:
        """The sum over all probes, each at its ceilings."""
        return sum((probe.worst_case_usd for probe in self.probes), Decimal(0))

    def of(self, owner: Owner) -> tuple[Probe, ...]:
        """Return the probes of one owner."""
        return self.by_owner.get(owner, ())

    def of_venue(self, venue: str) -> "Plan":
        """Return the part that goes to one venue, its targets included."""
        return Plan(tuple(probe for probe in self.probes if probe.venue == venue))


def make_plan(
    venues: Iterable[VenueSpec],
    needs: Mapping[Owner, frozenset[str]],
    *,
    nonce: str,
    own: tuple[ProbeTemplate, ...] = (),
    quick: bool = False,
) -> Plan:
    """
    Return the probes that the selected checks need, and no others.

    :param needs: names of probes, by owner; an owner that is absent needs none.
    :param nonce: part of each prompt's first line, new in each run.
    :param own: a team's own probes, sent after the standard ones.
    :param quick: one call of each probe instead of the spec's number, an unstreamed warm chat among them.
    """
    probes: list[Probe] = []
    for venue in venues:
        wanted = needs.get(Owner(venue.venue), frozenset())
        probes += (probe for probe in _venue_probes(venue, nonce) if probe.name in wanted)
        for model in venue.models:
            wanted = needs.get(Owner(venue.venue, model.slug), frozenset())
            for template in (*TARGET_TEMPLATES, *own):
                if template.name in wanted:
                    probes += _target_probes(venue, model, template, nonce, quick=quick)
    return Plan(tuple(probes))


def _venue_probes(venue: VenueSpec, nonce: str) -> tuple[Probe, ...]:
    quirks = venue.defaults.quirks or Quirks()
    # The refused key is sent with a chat: some venues list models to anybody.
    refused = chat(venue, venue.models[0], f"{nonce}-refused")
    planned = (
        (quirks.model_list == "served", Probe(name=ProbeName.MODEL_LIST, venue=venue.venue, model=None)),
        (
            quirks.refused_key == "refused",
            Probe(name=ProbeName.REFUSED_KEY, venue=venue.venue, model=None, request=refused, key=Key.REFUSED),
        ),
    )
    return tuple(probe for wanted, probe in planned if wanted)


def _target_probes(
    venue: VenueSpec, model: ModelSpec, template: ProbeTemplate, nonce: str, *, quick: bool
) -> Iterable[Probe]:
    for sample in range(1, _samples(template, model, quick=quick) + 1):
        request = template.request(venue, model, f"{nonce}-{template.name}-{sample}")
        tokens_in = input_token_ceiling(request, model)
        yield Probe(
            name=template.name,
            venue=venue.venue,
            model=model.slug,
            sample=sample,
            request=request,
            key=template.key,
            fresh_connection=template.fresh_connection,
            input_token_ceiling=tokens_in,
            output_token_ceiling=request.max_tokens,
            worst_case_usd=tokens_usd(model.price, tokens_in, request.max_tokens),
        )


def _samples(template: ProbeTemplate, model: ModelSpec, *, quick: bool) -> int:
    planned = template.samples(model)
    if not quick:
        return planned
    return 1 if template.name == ProbeName.WARM else min(planned, 1)


def input_token_ceiling(request: ChatRequest, model: ModelSpec) -> int:
    """
    Return how many input tokens a request can be billed for.

    A token covers at least one byte of UTF-8, so the bytes of what we send bound its tokens; the venue's
    chat template adds `token_ceilings.input_overhead`.
    """
    sent = [request.prompt]
    if request.tool:
        sent += [request.tool.name, request.tool.description, json.dumps(dict(request.tool.parameters))]
    if request.json_schema:
        sent.append(json.dumps(dict(request.json_schema)))
    if request.extra_body:
        sent.append(json.dumps(dict(request.extra_body)))
    overhead = model.token_ceilings.input_overhead if model.token_ceilings else 0
    return sum(len(text.encode()) for text in sent) + overhead
