"""
A venue's defaults applied to its models, so that later code may rely on every setting.
"""

from typing import TypeVar

from pytest_darkhost.specs.fields import Strict
from pytest_darkhost.specs.models import ModelSpec, VenueSpec
from pytest_darkhost.specs.target_settings import (
    FEWEST_FOR_INTERVAL,
    Capability,
    LatencyBudget,
    Quirks,
    Samples,
    TargetSettings,
    TokenCeilings,
)

_Group = TypeVar("_Group", bound=Strict)
_BUDGET, _SAMPLES, _CEILINGS, _QUIRKS = LatencyBudget(), Samples(), TokenCeilings(), Quirks()


def effective(spec: VenueSpec) -> VenueSpec:
    """
    Return the venue with no setting of a model `None`.

    A model's own value wins over the venue's default, key by key within `latency_budget`, `samples`,
    `token_ceilings`, `quirks` and `extra_body`; `capabilities` replace. A key that is given as null wins too:
    `ttft_ms: null` takes the venue's budget away. Doing it twice changes nothing.
    """
    return spec.model_copy(update={"models": tuple(_applied(spec.defaults, model) for model in spec.models)})


def _applied(defaults: TargetSettings, model: ModelSpec) -> ModelSpec:
    own, given = model.capabilities, defaults.capabilities
    able = own if own is not None else given or ()
    return model.model_copy(
        update={
            "capabilities": able,
            "latency_budget": _merged(defaults.latency_budget, model.latency_budget, _BUDGET),
            "samples": _counted(_merged(defaults.samples, model.samples, _SAMPLES), able),
            "token_ceilings": _merged(defaults.token_ceilings, model.token_ceilings, _CEILINGS),
            "quirks": _merged(defaults.quirks, model.quirks, _QUIRKS),
            "extra_body": {**(defaults.extra_body or {}), **(model.extra_body or {})},
        }
    )


def _counted(samples: Samples, able: tuple[Capability, ...]) -> Samples:
    """Return the samples with a number of warm chats: none where streams are warm chats, too."""
    if samples.warm is not None:
        return samples
    return samples.model_copy(update={"warm": 0 if Capability.STREAM in able else FEWEST_FOR_INTERVAL})


def _merged(default: _Group | None, own: _Group | None, otherwise: _Group) -> _Group:
    if own is None or default is None:
        return own or default or otherwise
    given = {name: getattr(group, name) for group in (default, own) for name in group.model_fields_set}
    return otherwise.model_copy(update=given)
