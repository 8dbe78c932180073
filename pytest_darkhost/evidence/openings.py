"""
Whether a report is that of the run that was opened: what was signed before the first call is in it, unchanged.
"""

from collections.abc import Mapping
from typing import Any

from pytest_darkhost import semconv
from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence.report import Report
from pytest_darkhost.evidence.shape import Shape, brief

_OF_A_CATALOG = ("catalog.location", "catalog.revision", "catalog.providers_digest")
_OF_THE_START = ("vcs", "catalog", "operator")
_OF_A_COMMIT = (semconv.VCS_REF_HEAD_REVISION, semconv.VCS_REF_HEAD_NAME, semconv.VCS_REPOSITORY_URL_FULL)


def check_opening(found: Report, opening: Shape) -> None:
    """
    Return when a report has the plan of its opening, and what was said there of tree, catalog, files and venues.

    :raises EvidenceError: `plan` or `claim`.
    """
    plan = found.run["plan"]
    if {"count": plan["count"], "sha256": plan["digest"]["sha256"]} != opening.object("plan"):
        msg = f"{found.place}: has another plan, expected that of {opening.place}, signed before the first call"
        raise EvidenceError("plan", msg, found.line)
    if any(opening.value.get(name) != found.run.get(name) for name in _OF_THE_START):
        _check_start(found, opening)
    if found.run["configuration"] != opening.value.get("configuration"):
        _check_files(found, opening)
    named = opening.texts("venues")
    for venue in (venue for venue in found.run["venues"] if venue not in named):
        msg = f"{found.place}: `venues` has {venue!r:.60}, expected those of {opening.place}"
        raise EvidenceError("claim", msg, found.line)


def _check_start(found: Report, opening: Shape) -> None:
    """Refuse another tree, operator or catalog than that of the opening, where none can have followed."""
    opened, closed = (_start(said) for said in (opening.value, found.run))
    for name in (name for name in opened if opened[name] != closed[name] and not _may_follow(name, opened, closed)):
        what = f"`{name}` is {brief(closed[name])}"
        msg = f"{found.place}: {what}, expected that of {opening.place}, {brief(opened[name])}"
        raise EvidenceError("claim", msg, found.line)
    _check_rows(found, opening)


def _check_rows(found: Report, opening: Shape) -> None:
    """Refuse another row of a target than was read before the opening. A key that comes later brings more targets."""
    opened = {str(row.get("name")): row.get("digest") for row in _rows(opening.value)}
    for row in _rows(found.run):
        name = str(row.get("name"))
        if name in opened and row.get("digest") != opened[name]:
            msg = f"{found.place}: `catalog.rows` has another {brief(name)}, expected that of {opening.place}"
            raise EvidenceError("claim", msg, found.line)


def _rows(said: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = _object(said.get("catalog")).get("rows")
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _may_follow(name: str, opened: Mapping[str, Any], closed: Mapping[str, Any]) -> bool:
    """
    Return whether a run may say another thing at its end than before its first call.

    A `conftest.py` that only the collection loads can make a tree dirty that was clean, and nothing the reverse. The
    reference catalog is read where it is first asked for, any other before the opening.
    """
    if name in _OF_A_CATALOG:
        return opened[name] is None and opened["catalog.source"] != "database"
    return name == "dirty" and bool(closed[name])


def _check_files(found: Report, opening: Shape) -> None:
    """Refuse a report without a file that was opened, or with more than the `conftest.py` that collecting loads."""
    files, opened = {file["name"]: file for file in found.run["configuration"]}, opening.objects("configuration")
    for file in (file for file in opened if files.get(str(file.get("name"))) != file):
        msg = f"{found.place}: `configuration` has not {brief(file.get('name'))} as {opening.place}, expected all of it"
        raise EvidenceError("claim", msg, found.line)
    for name in sorted(files.keys() - {file["name"] for file in opened}):
        if name.rpartition("/")[2] != "conftest.py" and name.rpartition("\\")[2] != "conftest.py":
            msg = f"{found.place}: `configuration` has {brief(name)}, expected what {opening.place} has"
            raise EvidenceError("claim", msg, found.line)


def _start(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run knows of itself before its first call, and what cannot be otherwise at its end."""
    vcs, catalog = (_object(said.get(name)) for name in ("vcs", "catalog"))
    return {
        **{name: vcs.get(name) for name in (*_OF_A_COMMIT, "dirty")},
        "catalog.source": catalog.get("source"),
        **{name: catalog.get(name.partition(".")[2]) for name in _OF_A_CATALOG},
        "operator": said.get("operator"),
    }


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
