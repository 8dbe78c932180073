"""
The planned tests of a run by what became of them. Tests outside the plan count for nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pytest_darkhost.evidence.items import Item


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


def outcomes_of(items: Iterable[Item], plan: Iterable[str]) -> Outcomes:
    """Return the outcomes of a plan's node ids."""
    became = {item.node_id: item.outcome for item in items}
    found: dict[str, list[str]] = {name: [] for name in Outcomes.__slots__}
    for node_id in plan:
        found[became.get(node_id, "not_run")].append(node_id)
    return Outcomes(**{name: tuple(ids) for name, ids in found.items()})
