"""
What a session's tests concluded, gathered from their reports in the controller, and what that does to the exit code.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from pytest_darkhost.checks.case import Source
from pytest_darkhost.suite.carrier import darkhost_property
from pytest_darkhost.verdicts import ReasonCode


@dataclass(frozen=True, slots=True)
class Entry:
    """One test with its `darkhost` object."""

    nodeid: str
    outcome: str
    """pytest's own: `passed`, `failed`, `skipped`; `error` for what broke outside the call."""
    data: dict[str, Any]
    """Empty for a test that ended before it was judged. Of what is not live, names and words only."""
    source: str
    """`live`, `replay`, `catalog`, …: what the test read."""
    text: str = ""
    """The failure's text."""
    cassette: dict[str, Any] | None = None
    """What it was replayed from: one object for all tests of a cassette."""

    @property
    def live(self) -> bool:
        """Whether it read real calls."""
        return self.source == Source.LIVE

    @property
    def judged(self) -> bool:
        """Whether it passed or failed."""
        return self.data.get("verdict") in {"passed", "failed"}


@dataclass(frozen=True, slots=True)
class Spent:
    """What the ledger says of a run, whether or not a test has read it."""

    calls: int
    by_venue: Mapping[str, Decimal]

    @property
    def total_usd(self) -> Decimal:
        """Over all venues."""
        return sum(self.by_venue.values(), Decimal(0))


@dataclass(slots=True)
class Tally:
    """Grows with each report."""

    entries: dict[str, Entry] = field(default_factory=dict)
    cassettes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was replayed, by name."""
    others: int = 0
    """How many tests that are no concern of ours passed or failed."""

    def add(self, report: pytest.TestReport) -> None:
        """Take note of a report, if it is of one of our items."""
        if report.when == "teardown" and report.passed:
            return
        data = darkhost_property(report)
        ours = data is not None or _looks_ours(report.nodeid)
        if not ours:
            self.others += report.when == "call" and not report.skipped
        if not ours or (report.when == "setup" and report.passed):
            return
        outcome = report.outcome if report.when == "call" else ("error" if report.failed else report.outcome)
        source = str((data or {}).get("source") or _source_in(report.nodeid))
        text = report.longreprtext if report.failed else ""
        kept = (data or {}) if source == Source.LIVE else _words(data or {})
        cassette = self._cassette((data or {}).get("cassette"))
        self.entries[report.nodeid] = Entry(report.nodeid, str(outcome), kept, source, text, cassette)

    def _cassette(self, label: dict[str, Any] | None) -> dict[str, Any] | None:
        return self.cassettes.setdefault(label["name"], label) if label else None

    def judged(self) -> Iterator[Entry]:
        """Yield the live entries that passed or failed."""
        return (entry for entry in self.entries.values() if entry.live and entry.judged)

    def of(self, source: Source) -> list[Entry]:
        """Return the entries of a source."""
        return [entry for entry in self.entries.values() if entry.source == source]

    def unaccepted(self, accepted: frozenset[str]) -> Iterator[Entry]:
        """Yield the live entries that were not judged for a reason that fails the run."""
        fine = accepted | {ReasonCode.NOT_APPLICABLE}
        return (
            entry
            for entry in self.entries.values()
            if entry.live and entry.data.get("verdict") == "not_judged" and entry.data["reason_code"] not in fine
        )

    def probes(self) -> dict[str, dict[str, Any]]:
        """Return the record of each probe that any test read, by id."""
        return {probe["probe"]: probe for entry in self.entries.values() for probe in entry.data.get("probes", ())}

    def calls(self) -> int:
        """Return how many of the calls that were sent some test has read."""
        return sum(1 for probe in self.probes().values() if probe.get("mode"))

    def failed(self) -> Iterator[Entry]:
        """Yield the live entries whose verdict is failed, whatever pytest made of it (an expected failure, say)."""
        return (entry for entry in self.entries.values() if entry.live and entry.data.get("verdict") == "failed")


def _words(data: dict[str, Any]) -> dict[str, Any]:
    """Return the texts of an object. Of thousands of whole ones, the garbage collector would look at each part."""
    return {name: value for name, value in data.items() if isinstance(value, str)}


def _looks_ours(nodeid: str) -> bool:
    path = nodeid.split("::", maxsplit=1)[0]
    return path.endswith((".yaml", ".yml")) and nodeid.endswith("]")


def _source_in(nodeid: str) -> str:
    return nodeid.rpartition("[")[2].removesuffix("]")


def exit_status(tally: Tally, status: int, accepted: frozenset[str]) -> int:
    """Return the exit status of a live run: never 0 when nothing was judged, or something was left unjudged."""
    if status not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        return status
    nothing = not any(True for _ in tally.judged())
    unproved = any(True for _ in itertools.chain(tally.failed(), tally.unaccepted(accepted)))
    return int(pytest.ExitCode.TESTS_FAILED) if nothing or unproved else status


def nothing_replayed(tally: Tally, allowed: Callable[[str], bool]) -> bool:
    """
    Return whether a session whose only tests were ours judged none of what it replayed.

    :param allowed: tells of a venue whether it needs no cassette.
    """
    if tally.others or any(entry.judged for entry in tally.entries.values()):
        return False
    return any(not allowed(str(entry.data.get("venue"))) for entry in tally.of(Source.REPLAY))
