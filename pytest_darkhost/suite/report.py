"""
The JSON report of a live run: pytest-json-report, switched on, with a `darkhost` object per test and one for the run.

What stands in the report's place is this run's alone, and complete or visibly not: first nothing, then one that says
`truncated` (`journal`), then at one stroke the final one.
"""

import json
import platform
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pytest_darkhost.errors import UsageError
from pytest_darkhost.provenance.packages import package_versions
from pytest_darkhost.suite.carrier import move_property
from pytest_darkhost.suite.compact import STAGES, rewrite
from pytest_darkhost.suite.journal import journal_path
from pytest_darkhost.suite.run import Run
from pytest_darkhost.suite.shared_calls import share

_STOCK_FILE = ".report.json"
INTERRUPTED = "interrupted"
"""Outcome of a test of which a stage is missing; pytest-json-report calls it passed."""


def switch_on(run: Run) -> Path | None:
    """
    Switch pytest-json-report on and return the report's path.

    Must run before that plugin's own `pytest_configure`.
    """
    option = run.config.option
    if not hasattr(option, "json_report"):
        msg = "pytest-json-report: not loaded, expected it in a live run. Remove '-p no:pytest_jsonreport'"
        raise UsageError(msg)
    option.json_report = True
    if option.json_report_file == _STOCK_FILE:
        option.json_report_file = str(_own_place(run))
    # Its own line says where the report is; ours says it with the verdict.
    option.json_report_verbosity = -100 if option.json_report_verbosity is None else option.json_report_verbosity
    return Path.cwd() / option.json_report_file if option.json_report_file else None


def _own_place(run: Run) -> Path:
    path = run.settings.directory / "report.json"
    if run.unwritable:
        msg = (
            f"{path}: {run.unwritable}, expected a place where the report can be written. "
            "Name another one with --json-report-file"
        )
        raise UsageError(msg)
    return path


def clear(path: Path) -> None:
    """
    Remove the report of an earlier run.

    :raises UsageError: this run could write none there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch()
        path.unlink()
        journal_path(path).unlink(missing_ok=True)
    except OSError as error:
        msg = f"{path}: {error.strerror}, expected a place where the report can be written"
        raise UsageError(msg) from None


def draft_path(path: Path, run_id: str) -> Path:
    """Return where the final report is written, beside its place."""
    return path.with_name(f"{path.name}.{run_id}")


def complete(json_report: dict[str, Any], run: Run, record: dict[str, Any]) -> None:
    """Move each test's object under `metadata`, add the run's, and take keys out of all texts."""
    for test in json_report.get("tests", ()):
        move_property(test)
        _correct(test)
    if "tests" in json_report:
        _count_anew(json_report)
    json_report["environment"] = json_report.get("environment") or _environment(record)
    json_report["darkhost"] = record
    share(json_report)
    # The report plugin writes what is no JSON value as its `str`, which may show a key too.
    text = json.dumps(json_report, default=str)
    cleaned = json.loads(text)
    json_report.clear()
    json_report.update(run.redactor.clean(cleaned) if run.redactor.found_in(text) else cleaned)


def _correct(test: dict[str, Any]) -> None:
    """Take `passed` from a test that did not come to its end."""
    if test["outcome"] == "passed" and not test.keys() >= frozenset(STAGES):
        test["outcome"] = INTERRUPTED


def _count_anew(json_report: dict[str, Any]) -> None:
    summary = {
        name: json_report["summary"][name]
        for name in ("total", "collected", "deselected")
        if name in json_report["summary"]
    }
    for test in json_report["tests"]:
        summary[test["outcome"]] = summary.get(test["outcome"], 0) + 1
    json_report["summary"] = summary


def _environment(record: dict[str, Any]) -> dict[str, Any]:
    """Return what pytest-metadata says; the report plugin has not found it since version 3 of that."""
    return {
        "Python": platform.python_version(),
        "Platform": platform.platform(),
        "Packages": record["invocation"]["packages"] if "invocation" in record else package_versions(),
    }


def publish(path: Path, run_id: str, *, indented: bool = False) -> tuple[Path, str | None]:
    """
    Put the final report in its place at one stroke.

    :param indented: leave the spelling of pytest-json-report, for somebody has asked for one.
    :returns: where it is now, and what is wrong with it. Beside its place it stays where another run has taken that.
    """
    draft = draft_path(path, run_id)
    if fault := _fault(draft, run_id, compact=not indented):
        with suppress(OSError):
            draft.unlink(missing_ok=True)  # broken off, as on a full disk: nobody could read it
        return draft, f"{path}: {fault}"
    if path.exists() and (fault := _fault(path, run_id)):
        return draft, f"{path}: {fault}. The report of this run is {draft.name}"
    try:
        draft.replace(path)
    except OSError as error:
        return draft, f"{path}: the report could not be written ({error.strerror or type(error).__name__})"
    return path, None


def _fault(path: Path, run_id: str, *, compact: bool = False) -> str | None:
    """Return what is wrong with a report. `compact`: where nothing is, write it in its one spelling."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        found = report["darkhost"]["run_id"]
        if found == run_id and compact:
            rewrite(path, report)
    except OSError as error:
        return f"the report could not be written ({error.strerror or type(error).__name__})"
    except (ValueError, LookupError, TypeError):
        return "it is not a report of darkhost, expected that of this run"
    if found == run_id:
        return None
    return "it is the report of another run, expected that of this one. Give each run its own --json-report-file"


def failed(session: pytest.Session) -> None:
    """Never let a session exit with 0 whose report is not what it must be."""
    if session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
