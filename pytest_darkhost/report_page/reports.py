"""
A report as it is read for the page: also one that evidence cannot judge, such as what a killed run left.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import strict_json
from pytest_darkhost.evidence.folder import read_file
from pytest_darkhost.report_page.texts import mapping, objects, shown

_SCHEMA_VERSION = 1
_KNOWN = f"#v{_SCHEMA_VERSION}"


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


def read(path: Path, line: int | None = None) -> Report:
    """
    Return the report in a file.

    :raises EvidenceError: `report`, `size` or `json`, when it cannot be read, is no report, or is of a newer version.
    """
    return parsed(read_file(path, line), str(path), line)


def parsed(data: bytes, place: str, line: int | None = None) -> Report:
    """Return a report from its bytes. Raises as `read` does."""
    value = strict_json.loads(data, place, line)
    if not isinstance(value, dict) or not isinstance(value.get("tests"), list):
        msg = f"{place}: no list of tests, expected a report of pytest-json-report, such as .darkhost/report.json"
        raise EvidenceError("report", msg, line)
    _check_schema(mapping(value.get("darkhost")), place, line)
    return Report(place, hashlib.sha256(data).hexdigest(), value | {"tests": objects(value.get("tests"))})


def _check_schema(run: Mapping[str, Any], place: str, line: int | None) -> None:
    schema = run.get("schema")
    if run and not (isinstance(schema, str) and schema.endswith(_KNOWN)):
        found = shown(schema, 120) or "none"
        msg = (
            f"{place}: its schema is {found}, expected one that ends in {_KNOWN}: "
            "it was written by another version. Update pytest-darkhost"
        )
        raise EvidenceError("report", msg, line)
