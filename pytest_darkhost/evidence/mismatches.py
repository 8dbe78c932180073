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


def faults_of_test(seen: Seen, files: Mapping[str, str]) -> Iterator[str]:
    """Yield what cannot be of a planned test that says something of itself; `files` are the specs of the venues."""
    item, said = seen.item, seen.item.said
    if not said:
        return
    venue, model, check = said.get("venue"), said.get("model"), said.get("check")
    owner, rest = (venue, f"::{check}[live]") if model is None else (f"{venue}/{model}", f"::{model}::{check}[live]")
    file = files.get(venue) if type(venue) is str else None
    # A spec may have another path where tests are named than where it is shown.
    if file is None or (item.node_id != f"{file}{rest}" and not _is_named(item.node_id, venue, rest)):
        yield f"says that it is {check!r:.60} of {owner!r:.120}"
    for call in seen.calls:
        if call.owner != owner:
            yield f"stands on {call.name:.120}, a call of another target"


def faults_of_specs(specs: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what cannot be of the specs of one run: a venue has one, which has its name."""
    known: set[str] = set()
    for venue, name in [(str(spec.get("venue")), str(spec.get("name"))) for spec in specs]:
        if venue in known:
            yield f"several specs of venue {venue:.60}"
        elif not _is_named(name, venue, ""):
            yield f"the spec {name:.120} of venue {venue:.60}"
        known.add(venue)


def _is_named(name: str, venue: Any, rest: str) -> bool:
    """Return whether a name begins with the file of a venue's spec, in any directory, and ends so."""
    return f"/{name}".endswith((f"/{venue}.yaml{rest}", f"/{venue}.yml{rest}"))


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
