"""
A report as it is read for the page: also one that evidence cannot judge, such as what a killed run left.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_darkhost.errors import EvidenceError, UsageError
from pytest_darkhost.evidence import strict_json
from pytest_darkhost.evidence.shared_calls import spread
from pytest_darkhost.report_page.texts import mapping, objects, shown

_KNOWN = "#v1"


@dataclass(frozen=True, slots=True)
class Report:
    """What a file holds. Nothing in it was judged yet."""

    place: str
    sha256: str
    data: Mapping[str, Any]
    """With `tests`, a list of objects."""

    @property
    def run(self) -> Mapping[str, Any]:
        """The `darkhost` object; empty for tests without a run of ours, such as round trips alone."""
        return mapping(self.data.get("darkhost"))

    @property
    def is_ended(self) -> bool:
        """Whether this is said to be the whole report of a run that had a plan, so that evidence can judge it."""
        return "plan" in self.run and self.run.get("truncated") is not True


def parsed(data: bytes, place: str) -> Report:
    """
    Return a report from its bytes.

    :raises EvidenceError: `json` or `report`, when it is none.
    :raises UsageError: it is of another version.
    """
    value = strict_json.loads(data, place)
    if not isinstance(value, dict) or not isinstance(value.get("tests"), list):
        msg = f"{place}: no list of tests, expected a report of pytest-json-report, such as .darkhost/report.json"
        raise EvidenceError("report", msg)
    spread(value, place)
    report = Report(place, hashlib.sha256(data).hexdigest(), value | {"tests": objects(value.get("tests"))})
    check_schema(report.run, place)
    return report


def check_schema(run: Mapping[str, Any], place: str) -> None:
    """
    Return when the object of a run is one that this version reads.

    :raises UsageError: it is of another version.
    """
    schema = run.get("schema")
    if run and not (isinstance(schema, str) and schema.endswith(_KNOWN)):
        msg = (
            f"{place}: its schema is {shown(schema, 120) or 'none'}, expected one that ends in {_KNOWN}: "
            "it was written by another version. Update pytest-darkhost"
        )
        raise UsageError(msg)
