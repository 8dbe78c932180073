"""
A test as the report has it, read once. What became of it follows from its stages, not from what it says of itself.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

Records: TypeAlias = tuple[Mapping[str, Any], ...]
"""Of calls."""
_DECLARED = ("not_judged", "not_applicable")
"""Verdict and reason of a check of what its target has not."""
_STAGES = ("setup", "call", "teardown")


class Item(NamedTuple):
    """One test of a report. A tuple: many are made, and a frozen dataclass takes twice as long."""

    node_id: str
    outcome: str
    """The name of the list that it belongs to, if it was planned: `passed`, `warned`, `failed` or `not_applicable`."""
    said: Mapping[str, Any]
    """Its object `darkhost`; an empty one where there is none."""
    probes: Records
    """The records of the calls that it read."""

    @property
    def passed(self) -> bool:
        """Whether it passed, at its only try."""
        return self.outcome == "passed"

    @property
    def target(self) -> tuple[str, str]:
        """Venue and model, as texts whatever a hostile report has there."""
        return str(self.said.get("venue")), str(self.said.get("model"))


def read_items(
    tests: Iterable[Mapping[str, Any]], again: Collection[str], probes_of: Callable[[Mapping[str, Any]], Records]
) -> tuple[Item, ...]:
    """
    Return the tests of a report.

    `again` are the ids of those that were run more than once; `probes_of` says which calls a test read.
    """
    items = []
    for test in tests:
        said, node_id = said_of(test), test["nodeid"]
        items.append(Item(node_id, outcome_of(test, said, again=node_id in again), said, probes_of(said)))
    return tuple(items)


def said_of(test: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a test's object `darkhost`; an empty one where there is none."""
    try:
        said = test["metadata"]["darkhost"]
    except (LookupError, TypeError):
        return {}
    return said if type(said) is dict else {}


def outcome_of(test: Mapping[str, Any], said: Mapping[str, Any], *, again: bool) -> str:
    """Return what became of a test that says this; `again`: it was run more than once. As `Item.outcome`."""
    if _went_through(test):
        return "passed" if said.get("verdict") == "passed" and not again else "warned"
    outcome = test.get("outcome")
    outcomes = [outcome, *[_stage(test.get(name)) for name in _STAGES]]
    if "failed" in outcomes or "error" in outcomes:
        return "failed"
    if again:
        return "warned"
    declared = outcome == "skipped" and (said.get("verdict"), said.get("reason_code")) == _DECLARED
    return "not_applicable" if declared else "warned"


def _went_through(test: Mapping[str, Any]) -> bool:
    """Return whether a test and each of its stages passed, as most do."""
    try:
        setup, call, teardown = test["setup"]["outcome"], test["call"]["outcome"], test["teardown"]["outcome"]
        return setup == call == teardown == test["outcome"] == "passed"  # type: ignore[no-any-return]
    except (LookupError, TypeError):
        return False


def _stage(stage: Any) -> Any:
    return stage.get("outcome") if type(stage) is dict else None
