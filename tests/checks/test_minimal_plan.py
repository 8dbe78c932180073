"""
No call is made that no check needs: each one left out takes a verdict with it.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from checks.factory import judged, make_case, make_model
from pytest_darkhost.checks.case import Scope
from pytest_darkhost.checks.registry import STANDARD
from pytest_darkhost.observations import Observations
from pytest_darkhost.plan import Owner, make_plan
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.specs.discovery import find_specs
from pytest_darkhost.specs.loader import load_venue
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.specs.settings import effective
from pytest_darkhost.specs.target_settings import FEWEST_FOR_INTERVAL, Samples
from pytest_darkhost.verdicts import Passed, Verdict

ROOT = Path(__file__).parents[2]
MOST_CALLS = 12
"""Of one target with all capabilities, at the default number of samples."""


DEFAULT, WITH_WARM = Samples(warm=0), Samples(warm=3, stream=3)
"""The streams are the warm chats; or a spec asks for others."""


def without(*names: str, samples: Samples = WITH_WARM) -> Mapping[str, Verdict]:
    """Return the verdicts on a healthy venue from which the calls of some probes are missing."""
    case = make_case(make_model(samples=samples))
    left = {name: seen for name, seen in case.observations.by_probe.items() if name not in names}
    return judged(replace(case, observations=Observations(left)))


def passed(verdicts: Mapping[str, Verdict]) -> set[str]:
    """Return the names of the checks that passed."""
    return {name for name, verdict in verdicts.items() if isinstance(verdict, Passed)}


def planned(spec: VenueSpec) -> dict[Owner, int]:
    """Return how many calls a whole run makes, by owner."""
    needs = {scope: frozenset(n for c in STANDARD if c.scope is scope for n in c.needs) for scope in Scope}
    owners = {Owner(spec.venue): needs[Scope.VENUE]}
    owners |= {Owner(spec.venue, model.slug): needs[Scope.TARGET] for model in spec.models}
    return {owner: len(probes) for owner, probes in make_plan([spec], owners, nonce="n").by_owner.items()}


@pytest.mark.parametrize("samples", [DEFAULT, WITH_WARM], ids=["default", "warm chats"])
def test_with_all_calls_every_check_passes(samples: Samples) -> None:
    """The venue of these tests is healthy, so that what is lost below is lost by the missing call."""
    verdicts = without(samples=samples)

    assert passed(verdicts) == set(verdicts)


@pytest.mark.parametrize(
    ("name", "samples"),
    [(name, DEFAULT) for name in ProbeName if name != ProbeName.WARM] + [(name, WITH_WARM) for name in ProbeName],
)
def test_no_probe_can_be_left_out(name: ProbeName, samples: Samples) -> None:
    """Without it, a check that passed passes no more."""
    assert set(without(samples=samples)) - passed(without(name, samples=samples)) != set()


def test_no_call_is_read_by_nobody() -> None:
    """Each probe that the package plans is among what a check says that it needs, and the reverse."""
    assert {name for check in STANDARD for name in check.needs} == set(ProbeName)


@pytest.mark.parametrize("name", ["warm", "stream"])
def test_samples_are_those_of_the_spec(name: str) -> None:
    """One sample fewer in the spec is one call fewer: none is made beyond them."""
    counts = []
    for samples in (2, 3):
        model = make_model(samples=Samples(**{"warm": 3, "stream": 3, name: samples}))
        counts.append(sum(planned(make_case(model).venue).values()))

    assert counts[1] - counts[0] == 1


def test_a_target_takes_at_most_twelve_calls() -> None:
    """With all capabilities and the default samples, all checks together."""
    spec = effective(make_case(make_model(samples=Samples())).venue)
    calls = planned(spec)

    assert (calls[Owner(spec.venue)], calls[Owner(spec.venue, spec.models[0].slug)]) == (2, 11)


@pytest.mark.parametrize(("samples", "calls"), [(DEFAULT, 7), (WITH_WARM, 4)], ids=["default", "warm chats"])
def test_a_check_of_warm_chats_needs_those_that_it_reads(samples: Samples, calls: int) -> None:
    """Streams are paid for it only where they are its warm chats."""
    model = make_model(samples=samples)
    venue = make_case(model).venue
    for check in (check for check in STANDARD if check.of_warm):
        needs = {Owner(venue.venue, model.slug): frozenset(check.needs_of(model))}
        assert len(make_plan([venue], needs, nonce="n").probes) == calls, check.name


def test_every_figure_has_the_samples_that_its_interval_needs() -> None:
    """Six, at the default, of whole answers, first tokens and paces."""
    spec = effective(make_case(make_model(samples=Samples())).venue)
    verdicts = judged(make_case(spec.models[0]))

    figures = ("latency_warm", "cold_to_warm", "ttft", "inter_token_latency", "throughput")
    assert {name: verdicts[name].figures["n"] for name in figures} == dict.fromkeys(figures, FEWEST_FOR_INTERVAL)


@pytest.mark.parametrize("path", find_specs([ROOT / "venue_specs"]), ids=lambda path: path.stem)
def test_no_target_of_a_shipped_spec_takes_more(path: Path) -> None:
    """Nor do they with the settings that these venues have."""
    spec = load_venue(path, ROOT).spec

    assert max(calls for owner, calls in planned(spec).items() if owner.model) <= MOST_CALLS
