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
from pytest_darkhost.suite.options import NO_CATALOG
from pytest_darkhost.suite.record import PROPERTY
from pytest_darkhost.suite.run import Run
from pytest_darkhost.suite.tally import Tally

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
        option.json_report_file = str(run.scratch / "report.json")
    # Its own line says where the report is; ours says it with the verdict.
    option.json_report_verbosity = -100 if option.json_report_verbosity is None else option.json_report_verbosity
    path = Path(option.json_report_file) if option.json_report_file else None
    if path and not run.worker:
        _clear(path)
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


def complete(json_report: dict[str, Any], run: Run, tally: Tally) -> None:
    """Move each test's object under `metadata`, add the run's, and take keys out of all texts."""
    for test in json_report.get("tests", ()):
        _move_property(test)
    json_report["darkhost"] = run_record(run, tally)
    cleaned = run.redactor.clean(json_report)
    json_report.clear()
    json_report.update(cleaned)


def _move_property(test: dict[str, Any]) -> None:
    properties = test.get("user_properties", [])
    mine = [entry[PROPERTY] for entry in properties if PROPERTY in entry]
    if not mine:
        return
    test.setdefault("metadata", {})[PROPERTY] = json.loads(mine[-1])
    rest = [entry for entry in properties if PROPERTY not in entry]
    if rest:
        test["user_properties"] = rest
    else:
        del test["user_properties"]


def run_record(run: Run, tally: Tally) -> dict[str, Any]:
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
        "calls": len([probe for probe in tally.probes().values() if probe.get("mode")]),
        "spent_usd": str(tally.spent_usd()),
        "catalog": None if run.settings.catalog is None else run.redactor.clean(_location(run)),
    }


def _location(run: Run) -> str:
    if run.read_catalog:
        return run.read_catalog.location
    return NO_CATALOG if run.settings.catalog == NO_CATALOG else "unread"


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def verify_written(path: Path | None, session: pytest.Session) -> str | None:
    """Return what to say when the report is not there; the exit status is then never 0."""
    if path is None or path.is_file():
        return None
    if session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return f"{path}: the report could not be written"
