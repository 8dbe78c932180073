"""
What a test saw: the test and its calls, and what of it no live observation is.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from pytest_darkhost.evidence.calls import Call, Calls
from pytest_darkhost.evidence.items import Item
from pytest_darkhost.evidence.observed import is_played


class Seen(NamedTuple):
    """A test and the calls that it read. A tuple, as `Item` is."""

    item: Item
    calls: tuple[Call, ...]

    @property
    def answered(self) -> bool:
        """Whether anything is known of the venue by it."""
        for call in self.calls:  # noqa: SIM110 - asked of each test of a report: `any` takes twice as long
            if call.answered:
                return True
        return False

    def faults(self, observed: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
        """
        Return pairs of a code and what was found.

        `observed` are the targets of which any test has an answer: a check that needs no call stands on theirs.
        """
        item, calls = self
        _, outcome, said, _ = item
        passed = outcome == "passed"
        found = []
        if said.get("cassette") is not None or is_played(said.get("mode")):
            found.append(("replayed", "its answers come from a cassette"))
        if passed and (said.get("source") != "live" or not (calls or item.target in observed)):
            found.append(("mocked", "passed, and no live observation is in the report"))
        if passed and calls and not self.answered:
            sent = any(call.sent for call in calls)
            found.append(("mocked", f"passed, and nothing was {'answered' if sent else 'sent'}"))
        for call in calls:
            if call.found:
                found += call.faults(passed=passed)
        return found


def seen_by(items: Iterable[Item], calls: Calls) -> tuple[Seen, ...]:
    """Return what tests saw."""
    return tuple([Seen(item, calls.read(item.probes)) for item in items])
