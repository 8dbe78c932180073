"""
What of a report does not fit the rest of it: tests and their calls, venues and their specs, figures at its top.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pytest_darkhost.evidence.calls import Calls
from pytest_darkhost.evidence.seen import Seen
from pytest_darkhost.plain_text import one_line

_LONGEST_PATH = 4096
"""Characters. A longer one is no path of a system, and each test would be compared with it."""
_NO_OUTCOMES = ("total", "collected", "deselected")
"""Of pytest-json-report's summary: all else in it is a number of tests by outcome."""


class Places:
    """Where the checks of each target stand, looked up once a target."""

    def __init__(self, specs: Iterable[Mapping[str, Any]]) -> None:
        files = [(str(spec.get("venue")), str(spec.get("name"))) for spec in specs]
        self._files = {venue: file for venue, file in files if len(file) <= _LONGEST_PATH}
        self._known: dict[tuple[Any, Any], tuple[str, str | None]] = {}
        """By venue and model: who owns its calls, and how its node ids begin; `None` where the venue has no spec."""

    def faults_of(self, seen: Seen) -> list[str]:
        """Return what cannot be of a planned test that says something of itself."""
        (node_id, outcome, said, _), calls = seen
        if not said:
            return []
        target = said.get("venue"), said.get("model")
        try:
            owner, begins = self._known.get(target) or self._place(*target)
        except TypeError:  # no text, and no hash
            return [f"says that it is of {target!r:.120}"]
        found = []
        for call in calls:
            if call.owner != owner:
                found.append(f"stands on {call.name:.120}, a call of another target")  # noqa: PERF401 - rare
        expected = f"{begins}::{said.get('check')}[live]"
        if begins is None or (node_id != expected and not _is_below(node_id, expected)):
            found.insert(0, f"says that it is {said.get('check')!r:.60} of {owner!r:.120}")
        if outcome == "passed" and said.get("reason_code") is not None:
            found.append(f"passed, and says why it was not judged: {said['reason_code']!r:.60}")
        return found

    @property
    def venues(self) -> set[str]:
        """The venues with a spec of which any test was looked at."""
        return {venue for (venue, _), (_, begins) in self._known.items() if begins is not None}

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


def faults_of_names(run: Mapping[str, Any], judged: Collection[str]) -> Iterator[str]:
    """Yield what cannot be of the venues that a run names; `judged` are those of which it has planned tests."""
    named, files = run["venues"], [file["name"] for file in run["configuration"]]
    specs = {str(spec.get("venue")): spec["name"] for spec in run["specs"]}
    for venue in (venue for venue in named if venue not in specs):
        yield f"`venues` has {venue:.60}, of which there is no spec"
    for venue in (venue for venue in judged if venue not in named):
        yield f"`venues` has not {venue:.60}, of which there are tests"
    for name in (name for name in specs.values() if name not in files):
        yield f"the spec {name:.120} is no file of `configuration`"


def faults_of_calls(run: Mapping[str, Any], calls: Calls) -> Iterator[str]:
    """Yield what cannot be of the calls of a run: each is sent once, and those that no test read are counted, too."""
    for name in calls.twice:
        yield f"two calls that are not the same were sent as {name:.120}"
    counted = run.get("calls")
    if counted is None or (type(counted) is int and counted >= len(calls.each())):
        return
    sent = len({call.name for call in calls.each() if call.was_sent})
    if type(counted) is not int or counted < sent:
        yield f"`calls` is {counted!r:.40}, and {sent} were sent"


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
