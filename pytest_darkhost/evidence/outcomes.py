"""
What became of each planned test, from the stages of the report and not from what the report says of itself.

Tests outside the plan count for nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

NOT_APPLICABLE = "not_applicable"
_STAGES = ("setup", "call", "teardown")
_FAILURES = frozenset({"failed", "error"})


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The node ids of the plan, each in one list."""

    passed: tuple[str, ...]
    warned: tuple[str, ...]
    """Not judged, expected to fail, passed at a second try, or not run to the end."""
    failed: tuple[str, ...]
    not_applicable: tuple[str, ...]
    """The spec declares that the target has not this capability."""
    not_run: tuple[str, ...]

    @property
    def result(self) -> str:
        """`PASSED`, `WARNED` or `FAILED` (in-toto test-result v0.1)."""
        if self.failed:
            return "FAILED"
        return "PASSED" if self.passed and not self.warned and not self.not_run else "WARNED"


def outcomes_of(report: Mapping[str, Any]) -> Outcomes:
    """Return the outcomes of a report."""
    tests = {test["nodeid"]: test for test in report["tests"]}
    again = frozenset(report["darkhost"]["reruns"])
    found: dict[str, list[str]] = {name: [] for name in Outcomes.__slots__}
    for node_id in report["darkhost"]["plan"]["ids"]:
        test = tests.get(node_id)
        found["not_run" if test is None else outcome_of(test, again=node_id in again)].append(node_id)
    return Outcomes(**{name: tuple(ids) for name, ids in found.items()})


def outcome_of(test: Mapping[str, Any], *, again: bool) -> str:
    """Return the name of the list that a test belongs to: `passed`, `warned`, `failed` or `not_applicable`."""
    said = _outcome(test)
    stages = [_outcome(test.get(name)) for name in _STAGES]
    if said in _FAILURES or _FAILURES.intersection(stages):
        return "failed"
    if again:
        return "warned"
    if said == "passed" and stages == ["passed"] * len(_STAGES):
        return "passed" if darkhost_of(test).get("verdict") == "passed" else "warned"
    declared = said == "skipped" and darkhost_of(test).get("reason_code") == NOT_APPLICABLE
    return "not_applicable" if declared else "warned"


def darkhost_of(test: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the `darkhost` object of a test; an empty one where there is none."""
    metadata = test.get("metadata")
    found = metadata.get("darkhost") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _outcome(stage: Any) -> str | None:
    found = stage.get("outcome") if isinstance(stage, Mapping) else None
    return found if isinstance(found, str) else None
