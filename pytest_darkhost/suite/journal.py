"""
What a run leaves of itself when it is killed: in the report's place one that says `truncated`, and beside it a journal
of the tests that had finished. The final report takes the place of the one, and the other goes.
"""

import json
from pathlib import Path
from typing import IO, Any

import pytest

from pytest_darkhost.suite.carrier import PROPERTY


def journal_path(report: Path) -> Path:
    """Return the place of the journal of a report."""
    return report.with_name(f"{report.name}.journal")


class Journal:
    """
    JSON lines: first the run's object, then one object a finished test. Each is handed to the system at once.

    A failure to write ends nothing: it is kept in `problem`.
    """

    def __init__(self, report: Path, run_record: dict[str, Any]) -> None:
        """
        Write the report that says `truncated`, and begin the journal.

        :raises OSError: either cannot be written.
        """
        self.problem: str | None = None
        self._path = journal_path(report)
        self._stages: dict[str, dict[str, str]] = {}
        stub = {"darkhost": {**run_record, "truncated": True, "journal": self._path.name}, "tests": []}
        report.write_text(json.dumps(stub, allow_nan=False), encoding="utf-8")
        self._file: IO[str] | None = self._path.open("w", encoding="utf-8")
        self._write(json.dumps(stub["darkhost"], allow_nan=False))

    def add(self, report: pytest.TestReport) -> None:
        """Take note of a stage, and write the test once its last one is over."""
        stages = self._stages.setdefault(report.nodeid, {})
        stages[str(report.when)] = str(report.outcome)
        if report.when != "teardown":
            return
        del self._stages[report.nodeid]
        data = next((value for name, value in reversed(report.user_properties) if name == PROPERTY), None)
        head = json.dumps({"nodeid": report.nodeid, "stages": stages})
        self._write(f'{head[:-1]}, "darkhost": {data if isinstance(data, str) else "null"}}}')

    def _write(self, line: str) -> None:
        if self._file is None or self.problem:
            return
        try:
            self._file.write(f"{line}\n")
            self._file.flush()
        except OSError as error:
            self.problem = f"{self._path}: {error.strerror or type(error).__name__}"

    def close(self, *, remove: bool) -> None:
        """End the journal. Idempotent."""
        if self._file is not None:
            try:
                self._file.close()
            except OSError as error:
                self.problem = self.problem or f"{self._path}: {error.strerror or type(error).__name__}"
            self._file = None
        if remove:
            self._path.unlink(missing_ok=True)
