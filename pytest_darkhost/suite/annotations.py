"""
Failures as GitHub shows them beside the changed lines of a pull request: one each, at its line in the spec.

The form is that of GitHub's workflow commands (docs.github.com, "Workflow commands for GitHub Actions", `error`).
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pytest_darkhost.suite.carrier import darkhost_property

_PLACED = re.compile(r"^(?P<file>[^\n]+?\.(?:ya?ml|py)):(?P<line>\d+): (?P<text>(?s:.*))", re.MULTILINE)
"""Under pytest-xdist a line about the worker comes first."""
_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
_TITLE = "pytest-darkhost"


class Annotations:
    """Gathers what failed, and prints it once the run is over."""

    def __init__(self, config: pytest.Config) -> None:
        self._root = config.rootpath
        self._failed: dict[str, str] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a check of ours that failed; of several runs of one, the last."""
        if report.failed and darkhost_property(report) is not None:
            self._failed[report.nodeid] = report.longreprtext
        elif report.when == "call":
            self._failed.pop(report.nodeid, None)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note the mistakes of a spec that could not be collected, each by itself."""
        if report.failed and report.nodeid.endswith((".yaml", ".yml")):
            for number, line in enumerate(report.longreprtext.splitlines()):
                if _PLACED.search(line):
                    self._failed[f"{report.nodeid}:{number}"] = line

    def pytest_terminal_summary(self, config: pytest.Config) -> None:
        """Print one command for each failure."""
        writer: Any = config.get_terminal_writer()
        for command in self.commands():
            writer.line(command)

    def commands(self) -> Iterator[str]:
        """Yield the commands, in the order of the failures."""
        for text in self._failed.values():
            placed = _PLACED.search(text)
            if placed:
                file = _in_repository(self._root / placed["file"]).translate(_PROPERTY)
                yield f"::error file={file},line={placed['line']},title={_TITLE}::{placed['text'].translate(_MESSAGE)}"


def _in_repository(path: Path) -> str:
    """Return a path as GitHub knows it: from the top of the checkout."""
    top = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())
    return (path.relative_to(top) if path.is_relative_to(top) else path).as_posix()
