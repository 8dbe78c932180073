"""
The operator: who answers for a run.
"""

import getpass
from collections.abc import Mapping
from dataclasses import dataclass

from pytest_darkhost import variables
from pytest_darkhost.provenance.pipeline import PipelineRun


@dataclass(frozen=True, slots=True)
class Operator:
    """A person or an account, and who says so."""

    id: str | None
    """`None` where nobody says."""
    source: str
    """`environment`: `DARKHOST_OPERATOR`; `ci`: the CI service; `system`: the account of the process."""

    def record(self) -> dict[str, object]:
        """Return a JSON-safe object."""
        return {"id": self.id, "source": self.source}


def operator_of(environment: Mapping[str, str], pipeline: PipelineRun | None) -> Operator:
    """Return whom the variable names, else whom the CI service names, else the user of the process."""
    if named := environment.get(variables.OPERATOR, "").strip():
        return Operator(named, "environment")
    if pipeline and pipeline.actor:
        return Operator(pipeline.actor, "ci")
    try:
        return Operator(getpass.getuser(), "system")
    except (KeyError, OSError, ImportError):  # a container's user need have no name
        return Operator(None, "system")
