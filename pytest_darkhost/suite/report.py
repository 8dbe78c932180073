"""
The JSON report of a live run: pytest-json-report, switched on, with a `darkhost` object per test and one for the run.
"""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_darkhost.errors import UsageError
from pytest_darkhost.suite.carrier import move_property
from pytest_darkhost.suite.options import NO_CATALOG
from pytest_darkhost.suite.run import Run
from pytest_darkhost.suite.tally import Spent, Tally

SCHEMA = "https://github.com/pytest-darkhost/pytest-darkhost/blob/main/docs/report.md#v1"
_STOCK_FILE = ".report.json"


def switch_on(run: Run) -> Path | None:
    """
    Switch pytest-json-report on and return the report's path; remove what an earlier run left there.

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
    path = Path(option.json_report_file) if option.json_report_file else None
    if path and not run.worker:
        _clear(path)
    return path


def _own_place(run: Run) -> Path:
    path = run.settings.directory / "report.json"
    if run.unwritable:
        msg = (
            f"{path}: {run.unwritable}, expected a place where the report can be written. "
            "Name another one with --json-report-file"
        )
        raise UsageError(msg)
    return path


def _clear(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch()
        path.unlink()
    except OSError as error:
        msg = f"{path}: {error.strerror}, expected a place where the report can be written"
        raise UsageError(msg) from None


def complete(json_report: dict[str, Any], run: Run, tally: Tally, spent: Spent) -> None:
    """Move each test's object under `metadata`, add the run's, and take keys out of all texts."""
    for test in json_report.get("tests", ()):
        move_property(test)
    json_report["darkhost"] = run_record(run, tally, spent)
    # The report plugin writes what is no JSON value as its `str`, which may show a key too.
    cleaned = run.redactor.clean(json.loads(json.dumps(json_report, default=str)))
    json_report.clear()
    json_report.update(cleaned)


def run_record(run: Run, tally: Tally, spent: Spent) -> dict[str, Any]:
    """Return the run's object: id, times, counts by mode and verdict, calls and cost."""
    live = [entry for entry in tally.entries.values() if entry.live]
    return {
        "schema": SCHEMA,
        "run_id": run.id,
        "started_at": _utc(run.started_at),
        "finished_at": _utc(datetime.now(UTC)),
        "modes": dict(Counter(str(entry.data.get("mode")) for entry in tally.entries.values())),
        "verdicts": dict(Counter(str(entry.data.get("verdict", entry.outcome)) for entry in live)),
        "venues": sorted({str(entry.data["venue"]) for entry in live if entry.data}),
        "calls": spent.calls,
        "spent_usd": str(spent.total_usd),
        "catalog": None if run.settings.catalog is None else run.redactor.clean(_location(run)),
    }


def _location(run: Run) -> str:
    if run.read_catalog:
        return run.read_catalog.location
    return NO_CATALOG if run.settings.catalog == NO_CATALOG else "unread"


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def verify_written(path: Path | None, run: Run, session: pytest.Session) -> str | None:
    """Return what to say when the file is not the report of this run; the exit status is then never 0."""
    problem = _fault(path, run.id) if path else None
    if problem and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return f"{path}: {problem}" if problem else None


def _fault(path: Path, run_id: str) -> str | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["darkhost"]["run_id"]
    except OSError as error:
        return f"the report could not be written ({error.strerror or type(error).__name__})"
    except (ValueError, LookupError, TypeError):
        return "it is not a report of darkhost, expected that of this run"
    if found == run_id:
        return None
    return "it is the report of another run, expected that of this one. Give each run its own --json-report-file"
