"""
How often each test was run: a test that was run again, and two tests of one id, prove less than their outcome says.
"""

from collections import Counter
from dataclasses import dataclass, field

import pytest


@dataclass(slots=True)
class Attempts:
    """Grows with each report."""

    _setups: Counter[str] = field(default_factory=Counter)
    _rerun: set[str] = field(default_factory=set)

    def add(self, report: pytest.TestReport) -> None:
        """Take note of a report. pytest-rerunfailures gives a failure that is tried again an outcome of its own."""
        if report.when == "setup":
            self._setups[report.nodeid] += 1
        if str(report.outcome) == "rerun":
            self._rerun.add(report.nodeid)

    @property
    def reruns(self) -> list[str]:
        """Ids of the tests that were run again after they had failed."""
        return sorted(self._rerun)

    @property
    def duplicates(self) -> list[str]:
        """Ids that several tests had."""
        return sorted(nodeid for nodeid, times in self._setups.items() if times > 1 and nodeid not in self._rerun)
