"""
What of a report does not fit the rest of it: tests and their calls, venues and their specs, figures at its top.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_darkhost.evidence.seen import Seen
from pytest_darkhost.plain_text import one_line

_NO_OUTCOMES = ("total", "collected", "deselected")
"""Of pytest-json-report's summary: all else in it is a number of tests by outcome."""


class Places:
    """Where the checks of each target stand, looked up once a target."""

    def __init__(self, specs: Iterable[Mapping[str, Any]]) -> None:
        self._files = {str(spec.get("venue")): str(spec.get("name")) for spec in specs}
        self._known: dict[tuple[Any, Any], tuple[str, str | None]] = {}
        """By venue and model: who owns its calls, and how its node ids begin; `None` where the venue has no spec."""

    def faults_of(self, seen: Seen) -> list[str]:
        """Return what cannot be of a planned test that says something of itself."""
        (node_id, _, said, _), calls = seen
        if not said:
            return []
        target = said.get("venue"), said.get("model")
        try:
            owner, begins = self._known.get(target) or self._place(*target)
        except TypeError:  # no text, and no hash
            return [f"says that it is of {target!r:.120}"]
        found = [f"stands on {call.name:.120}, a call of another target" for call in calls if call.owner != owner]
        ends = f"::{said.get('check')}[live]"
        if begins is None or (node_id != f"{begins}{ends}" and not _is_below(node_id, f"{begins}{ends}")):
            found.insert(0, f"says that it is {said.get('check')!r:.60} of {owner!r:.120}")
        return found

    def _place(self, venue: Any, model: Any) -> tuple[str, str | None]:
        file = self._files.get(venue)
        begins = file if file is None or model is None else f"{file}::{model}"
        found = self._known[venue, model] = str(venue) if model is None else f"{venue}/{model}", begins
        return found


def _is_below(node_id: str, expected: str) -> bool:
    """Return whether only the directory is another: a spec may be shown by another path than its tests."""
    path, mark, rest = expected.partition("::")
    return f"/{node_id}".endswith(f"/{path.rpartition('/')[2]}{mark}{rest}")


def faults_of_specs(specs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what cannot be of the specs of one run: a venue has one, which has its name."""
    known: set[str] = set()
    for venue, name in [(str(spec.get("venue")), str(spec.get("name"))) for spec in specs]:
        if venue in known:
            yield f"several specs of venue {venue:.60}"
        elif not f"/{name}".endswith((f"/{venue}.yaml", f"/{venue}.yml")):
            yield f"the spec {name:.120} of venue {venue:.60}"
        known.add(venue)


def faults_of_figures(report: Mapping[str, Any], exit_status: Any) -> Iterator[str]:
    """Yield figures for a reader in a hurry that are not those of a report's tests."""
    summary = report.get("summary")
    told = (
        {name: count for name, count in summary.items() if name not in _NO_OUTCOMES} if type(summary) is dict else None
    )
    counted = Counter([str(test.get("outcome")) for test in report["tests"]])
    if told != counted:
        yield f"`summary` has {one_line(str(told))}, expected {one_line(str(dict(counted)))}, as there are"
    if report.get("exitcode") != exit_status:
        yield f"`exitcode` is {report.get('exitcode')!r:.40}, and `exit_status` {exit_status}"
