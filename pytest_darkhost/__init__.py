"""
Proves an LLM host before a team lights it: venue specs become pytest items.

The package's public names for a team's own checks, probes and adapters are re-exported here.
They load on first use, because pytest imports this package in every run that has the plugin installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_darkhost.checks.case import Case, Check
    from pytest_darkhost.observations import Observation, Observations
    from pytest_darkhost.probes import ChatRequest, ProbeTemplate, Tool
    from pytest_darkhost.specs.models import ModelSpec, Target, VenueSpec
    from pytest_darkhost.verdicts import Failed, NotJudged, Passed

__all__ = [
    "Case",
    "ChatRequest",
    "Check",
    "Failed",
    "ModelSpec",
    "NotJudged",
    "Observation",
    "Observations",
    "Passed",
    "ProbeTemplate",
    "Target",
    "Tool",
    "VenueSpec",
]

_HOMES = {
    "Case": "checks.case",
    "Check": "checks.case",
    "Observation": "observations",
    "Observations": "observations",
    "ChatRequest": "probes",
    "ProbeTemplate": "probes",
    "Tool": "probes",
    "ModelSpec": "specs.models",
    "Target": "specs.models",
    "VenueSpec": "specs.models",
    "Failed": "verdicts",
    "NotJudged": "verdicts",
    "Passed": "verdicts",
}


def __getattr__(name: str) -> Any:
    """Return the public name, or `__version__`, loading its home on first use."""
    if name == "__version__":
        from importlib.metadata import version

        return version("pytest-darkhost")
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
