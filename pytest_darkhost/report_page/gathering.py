"""
What is kept of many runs while they are read one after the other: the newest of each venue in full, of the others
their rows and figures. A chain of ten thousand runs needs no more memory than one of two hundred.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pytest_darkhost.evidence.entries import Entry
from pytest_darkhost.report_page.check_rows import Word
from pytest_darkhost.report_page.measures import Point, points_of
from pytest_darkhost.report_page.runs import MOST_ROWS, Run, run_of

MOST_RUNS = 200
"""Rows of the list of runs; what is older is counted."""
MOST_COMPARED = 60
"""Runs whose figures are compared: a point each."""
MOST_FAILURES = 12
"""Of a run that is not shown in full."""


class Gathering:
    """Takes runs from the oldest to the newest."""

    def __init__(self, prefix: str) -> None:
        """:param prefix: that of the ids of the runs' sections."""
        self.entries: deque[Entry] = deque(maxlen=MOST_RUNS)
        """The newest, the oldest first."""
        self.left_out = 0
        """How many entries are older than those."""
        self._prefix = prefix
        self._points: deque[tuple[Point, ...]] = deque(maxlen=MOST_COMPARED)
        self._brief: deque[tuple[Entry, Run]] = deque(maxlen=MOST_COMPARED)
        self._newest: dict[str, tuple[Entry, Run]] = {}

    def add(self, entry: Entry, report: Mapping[str, Any] | None) -> None:
        """Take the next entry, and its report where it is one of a run."""
        self.left_out += len(self.entries) == MOST_RUNS
        self.entries.append(entry)
        if report is None:
            return
        run = run_of(entry, report, f"{self._prefix}-r{entry.line}")
        self._points.append(points_of(run))
        failed = tuple(row for row in run.rows if row.word is Word.FAILED)
        self._brief.append((entry, replace(run, rows=failed[:MOST_FAILURES])))
        self._newest |= dict.fromkeys(run.venues or ("",), (entry, run))

    @property
    def points(self) -> tuple[Point, ...]:
        """What was measured, the oldest first."""
        return tuple(point for part in self._points for point in part)

    def in_full(self) -> tuple[tuple[Entry, Run], ...]:
        """Return the newest run of each venue, the newest first, as many as there is room for."""
        runs = {entry.line: (entry, run) for entry, run in self._newest.values()}
        shown: list[tuple[Entry, Run]] = []
        rows = 0
        for _, (entry, run) in sorted(runs.items(), reverse=True):
            rows += len(run.rows)
            if not shown or rows <= MOST_ROWS:
                shown.append((entry, run))
        return tuple(shown)

    def in_brief(self) -> tuple[tuple[Entry, Run], ...]:
        """Return the other runs, the newest first, each with some of its failures as its only rows."""
        full = {entry.line for entry, _ in self.in_full()}
        return tuple((entry, run) for entry, run in reversed(self._brief) if entry.line not in full)
