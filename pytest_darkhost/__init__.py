"""
Proves an LLM host before a team lights it: venue specs become pytest items.

The package's public names for a team's own checks, probes and adapters are re-exported here.
They load on first use, because pytest imports this package in every run that has the plugin installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_darkhost.catalog.rows import Catalog, CatalogSource, ModelRow, ProviderRow
    from pytest_darkhost.checks.availability import each, problem
    from pytest_darkhost.checks.case import Case, Check, Scope
    from pytest_darkhost.observations import Observation, Observations
    from pytest_darkhost.probes import ChatRequest, ProbeTemplate, Tool
    from pytest_darkhost.specs.models import ModelSpec, Target, VenueSpec
    from pytest_darkhost.verdicts import Failed, NotJudged, Passed, Verdict

__all__ = [
    "Case",
    "Catalog",
    "CatalogSource",
    "ChatRequest",
    "Check",
    "Failed",
    "ModelRow",
    "ModelSpec",
    "NotJudged",
    "Observation",
    "Observations",
    "Passed",
    "ProbeTemplate",
    "ProviderRow",
    "Scope",
    "Target",
    "Tool",
    "VenueSpec",
    "Verdict",
    "each",
    "problem",
]

_HOMES = {
    "Case": "checks.case",
    "Check": "checks.case",
    "Scope": "checks.case",
    "each": "checks.availability",
    "problem": "checks.availability",
    "Catalog": "catalog.rows",
    "CatalogSource": "catalog.rows",
    "ModelRow": "catalog.rows",
    "ProviderRow": "catalog.rows",
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
    "Verdict": "verdicts",
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
