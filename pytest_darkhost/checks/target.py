"""
What a case says of its target, with the defaults of a spec that leaves it out.
"""

from typing import TYPE_CHECKING

from pytest_darkhost.checks.case import Case
from pytest_darkhost.specs.models import ModelSpec
from pytest_darkhost.specs.target_settings import Capability, LatencyBudget, Quirks

if TYPE_CHECKING:
    from pytest_darkhost.observations import Observation


def model_of(case: Case) -> ModelSpec:
    """Return the target's model. Raises `ValueError` for a case of a venue."""
    if case.model is None:
        msg = f"{case.venue.venue}: a case of the venue, expected one of a target"
        raise ValueError(msg)
    return case.model


def quirks_of(case: Case) -> Quirks:
    """Return the target's quirks."""
    return model_of(case).quirks or Quirks()


def budget_of(case: Case) -> LatencyBudget:
    """Return the target's latency budget."""
    return model_of(case).latency_budget or LatencyBudget()


def declares(case: Case, capability: Capability) -> bool:
    """Return whether the spec declares a capability of the target."""
    return capability in (model_of(case).capabilities or ())


def seen(case: Case, *names: str) -> "tuple[Observation, ...]":
    """Return the observations of these probes, in the order of the names."""
    return tuple(observation for name in names for observation in case.observations[name])
