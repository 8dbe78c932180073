"""
What a probe cost, at the prices of its spec.
"""

from decimal import Decimal

from pytest_darkhost.observations import ErrorKind, Observation, ProbeError
from pytest_darkhost.pricing import billed_usd
from pytest_darkhost.specs.models import VenueSpec

_FREE = frozenset(
    {
        ErrorKind.CANNOT_RESOLVE,
        ErrorKind.CONNECTION_REFUSED,
        ErrorKind.CONNECTION_FAILED,
        ErrorKind.TLS,
        ErrorKind.PROXY,
        ErrorKind.TIMEOUT_CONNECT,
        ErrorKind.TIMEOUT_TLS,
        ErrorKind.COST_CAP,
        ErrorKind.CANCELLED,
        ErrorKind.NOT_SERVED,
    }
)
"""Errors before which no venue can have generated a token."""


def cost_of(spec: VenueSpec, observation: Observation) -> Decimal:
    """
    Return what a probe cost in USD.

    Refused requests (4xx) cost nothing. Where the venue did not say, the worst case stands: a cut
    stream is billed too.
    """
    probe, error = observation.probe, observation.error
    model = next((model for model in spec.models if model.slug == probe.model), None)
    if model is None or probe.worst_case_usd == 0:
        return Decimal(0)
    if observation.usage is not None:
        return billed_usd(model.price, observation.usage)
    if observation.exchange is None or (error is not None and _costs_nothing(error)):
        return Decimal(0)
    return probe.worst_case_usd


def _costs_nothing(error: ProbeError) -> bool:
    refused = error.status is not None and 300 <= error.status < 500
    return refused or error.kind in _FREE
