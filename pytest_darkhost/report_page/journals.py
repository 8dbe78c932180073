"""
What a killed run left beside its report: a journal of the tests that had finished, one a line.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import strict_json
from pytest_darkhost.evidence.folder import read_file
from pytest_darkhost.report_page.reports import Report
from pytest_darkhost.report_page.texts import mapping

_STAGES = ("setup", "call", "teardown")


def with_journal(report: Report, path: Path) -> Report:
    """Return the report of a killed run with the tests of the journal beside it, where there is one."""
    place = path.with_name(f"{path.name}.journal")
    if report.run.get("truncated") is not True or report.data["tests"] or not place.is_file():
        return report
    try:
        data = read_file(place)
    except EvidenceError:
        return report
    tests = [_test(line) for line in _lines(data, str(place)) if isinstance(line.get("nodeid"), str)]
    return replace(report, data={**report.data, "tests": tests})


def _lines(data: bytes, place: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of all whole lines: the run may have been killed while it wrote."""
    for line in data.splitlines():
        try:
            yield mapping(strict_json.loads(line, place))
        except EvidenceError:
            return


def _test(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line of the journal as the test that a report would have."""
    stages = mapping(line.get("stages"))
    outcomes = [stages.get(name) for name in _STAGES]
    worst = next((each for each in ("failed", "skipped") if each in outcomes), "passed")
    made = {name: {"outcome": stages[name]} for name in _STAGES if name in stages}
    return {"nodeid": line["nodeid"], "outcome": worst, **made, "metadata": {"darkhost": line.get("darkhost")}}
