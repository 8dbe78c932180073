"""
What a test saw: the test and its calls, and what of it no live observation is.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from pytest_darkhost.evidence.calls import Call, Calls
from pytest_darkhost.evidence.items import Item
from pytest_darkhost.evidence.observed import is_played


class Seen(NamedTuple):
    """A test and the calls that it read. A tuple, as `Item` is."""

    item: Item
    calls: tuple[Call, ...]
    answered: bool
    """Whether anything is known of the venue by it."""

    def faults(self, observed: Collection[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """
        Yield pairs of a code and what was found.

        `observed` are the targets of which any test has an answer: a check that needs no call stands on theirs.
        """
        item, calls, answered = self
        said, passed = item.said, item.outcome == "passed"
        if said.get("cassette") is not None or is_played(said.get("mode")):
            yield "replayed", "its answers come from a cassette"
        if passed and (said.get("source") != "live" or not (calls or item.target in observed)):
            yield "mocked", "passed, and no live observation is in the report"
        if passed and calls and not answered:
            sent = any(call.sent for call in calls)
            yield "mocked", f"passed, and nothing was {'answered' if sent else 'sent'}"
        for call in calls:
            if call.found:
                yield from call.faults(passed=passed)


def seen_by(items: Iterable[Item], calls: Calls) -> tuple[Seen, ...]:
    """Return what tests saw."""
    return tuple([_seen(item, calls.read(item.probes)) for item in items])


def _seen(item: Item, calls: tuple[Call, ...]) -> Seen:
    for call in calls:
        if call.answered:
            return Seen(item, calls, answered=True)
    return Seen(item, calls, answered=False)
