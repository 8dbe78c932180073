"""
Failures as GitHub shows them beside the changed lines of a pull request: one each, at its line in the spec.

The form is that of GitHub's workflow commands (docs.github.com, "Workflow commands for GitHub Actions", `error`).
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pytest_darkhost.suite.carrier import darkhost_property

_MISTAKE = re.compile(r"(?P<file>.+?\.ya?ml):(?P<line>\d+): (?P<text>.*)")
_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
_TITLE = "pytest-darkhost"


@dataclass(frozen=True, slots=True)
class _Failure:
    """One failure, in words."""

    file: str
    """Relative to the root directory."""
    line: int
    """1-based."""
    text: str


class Annotations:
    """Gathers what failed, and prints it once the run is over."""

    def __init__(self, config: pytest.Config) -> None:
        self._root = config.rootpath
        self._failed: dict[str, _Failure] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a check of ours that failed; of several runs of one, the last."""
        if report.failed and (darkhost_property(report) is not None or _is_of_spec(report.nodeid)):
            file, line, _ = report.location
            self._failed[report.nodeid] = _Failure(file, (line or 0) + 1, _said(report, f"{file}:{(line or 0) + 1}: "))
        elif report.when == "call":
            self._failed.pop(report.nodeid, None)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note the mistakes of a spec that could not be collected, each by itself."""
        if report.failed and _is_of_spec(report.nodeid):
            for number, line in enumerate(report.longreprtext.splitlines()):
                if placed := _MISTAKE.match(line):
                    key = f"{report.nodeid}:{number}"
                    self._failed[key] = _Failure(placed["file"], int(placed["line"]), placed["text"])

    def pytest_terminal_summary(self, config: pytest.Config) -> None:
        """Print one command for each failure."""
        writer: Any = config.get_terminal_writer()
        for command in self.commands():
            writer.line(command)

    def commands(self) -> Iterator[str]:
        """Yield the commands, in the order of the failures."""
        for each in self._failed.values():
            file = _in_repository(self._root / each.file).translate(_PROPERTY)
            yield f"::error file={file},line={each.line},title={_TITLE}::{each.text.translate(_MESSAGE)}"


def _is_of_spec(nodeid: str) -> bool:
    return nodeid.partition("::")[0].endswith((".yaml", ".yml"))


def _said(report: pytest.TestReport, place: str) -> str:
    """Return a verdict's own words; of anything else the last line of its error, without the traceback."""
    text = report.longreprtext
    if place in text:
        return text.partition(place)[2]
    errors = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    return f"{report.when}: {(errors or text.splitlines() or ['failed'])[-1]}"


def _in_repository(path: Path) -> str:
    """Return a path as GitHub knows it: from the top of the checkout."""
    top = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())
    return (path.relative_to(top) if path.is_relative_to(top) else path).as_posix()
