"""
What a closing line claims of its report, against what the report says.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from pytest_darkhost import semconv
from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import report, statement, strict_json
from pytest_darkhost.evidence.chain import Chain
from pytest_darkhost.evidence.entries import Entry, run_entry
from pytest_darkhost.evidence.folder import REPORTS, read_file
from pytest_darkhost.evidence.identities import Identities
from pytest_darkhost.evidence.judging import Judgement, judge
from pytest_darkhost.evidence.kinds import Kind
from pytest_darkhost.evidence.shape import Shape
from pytest_darkhost.evidence.statement import Statement
from pytest_darkhost.evidence.unfit import CODES, Unfit
from pytest_darkhost.plain_text import one_line

_OF_A_CATALOG = ("catalog.location", "catalog.revision", "catalog.providers_digest")
_OF_THE_START = ("vcs", "catalog", "operator")
_OF_A_COMMIT = (semconv.VCS_REF_HEAD_REVISION, semconv.VCS_REF_HEAD_NAME, semconv.VCS_REPOSITORY_URL_FULL)
ONLY_SEEN_AT_CLOSING = frozenset({"foreign_id"})
"""Codes of which the verifier cannot know all causes: it has not the cassettes."""


def closed_run(folder: Path, before: Chain, said: Statement, identities: Identities) -> tuple[Entry, report.Report]:
    """
    Return the row and the report of the run that a line closes, when all that it claims holds.

    `before` ends in its opening.

    :raises EvidenceError: naming the claim that does not.
    """
    assert before.opening is not None
    number = said.link.sequence
    name = statement.report_name(number, before.opening.shape.text("runId"))
    place = folder / REPORTS / name
    data = read_file(place, number)
    sha256 = hashlib.sha256(data).hexdigest()
    _check_subject(said, name, sha256)
    found = report.parse(data, str(place), number, sha256)
    check_plan(found, before.opening.shape)
    judged = judge(found, (before.opening.moment, said.moment), identities, number)
    signed = _signed_unfit(said, judged)
    expected = statement.closing(found, said.link, opened=before.head, outcomes=judged.outcomes, unfit=signed)
    if said.data != strict_json.dumps_whole(expected):
        for path, claimed, computed in _differences(said.value, expected, ""):
            _refuse("claim", said, f"claims `{path}` {claimed}", f"{computed}, as the report has it")
    identities.add_report(name, number)
    return run_entry(said, found, replace(judged, unfit=_told(signed, judged))), found


def _check_subject(said: Statement, name: str, sha256: str) -> None:
    """Refuse a report that is not the one that was signed, before anything in it is read."""
    found = [{"name": name, "digest": {"sha256": sha256}}]
    if said.value.get("subject") != found:
        _refuse("subject", said, f"{REPORTS}/{name} is not the report that was signed", "its bytes")


def check_plan(found: report.Report, opening: Shape) -> None:
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


def _check_start(found: report.Report, opening: Shape) -> None:
    """Refuse another tree, operator or catalog than that of the opening, where none can have followed."""
    opened, closed = (_start(said) for said in (opening.value, found.run))
    for name in (name for name in opened if opened[name] != closed[name] and not _may_follow(name, opened, closed)):
        what = f"`{name}` is {_brief(closed[name])}"
        msg = f"{found.place}: {what}, expected that of {opening.place}, {_brief(opened[name])}"
        raise EvidenceError("claim", msg, found.line)
    _check_rows(found, opening)


def _check_rows(found: report.Report, opening: Shape) -> None:
    """Refuse another row of a target than was read before the opening. A key that comes later brings more targets."""
    opened = {str(row.get("name")): row.get("digest") for row in _rows(opening.value)}
    for row in _rows(found.run):
        name = str(row.get("name"))
        if name in opened and row.get("digest") != opened[name]:
            msg = f"{found.place}: `catalog.rows` has another {_brief(name)}, expected that of {opening.place}"
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


def _check_files(found: report.Report, opening: Shape) -> None:
    """Refuse a report without a file that was opened, or with more than the `conftest.py` that collecting loads."""
    files, opened = found.run["configuration"], opening.objects("configuration")
    for file in (file for file in opened if file not in files):
        msg = (
            f"{found.place}: `configuration` has not {_brief(file.get('name'))} as {opening.place}, expected all of it"
        )
        raise EvidenceError("claim", msg, found.line)
    for name in (file["name"] for file in files if file not in opened):
        if name.rpartition("/")[2] != "conftest.py" and name.rpartition("\\")[2] != "conftest.py":
            msg = f"{found.place}: `configuration` has {_brief(name)}, expected what {opening.place} has"
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


def _signed_unfit(said: Statement, judged: Judgement) -> tuple[Unfit, ...]:
    """Return the reasons that a line names, when they are those of the report."""
    found = {each.code: one_line(each.what) for each in judged.unfit}
    signed = () if said.kind is Kind.RESULT else tuple(_reasons(said))
    named = [each.code for each in signed]
    if missing := [code for code in found if code not in named]:
        _refuse("unfit", said, f"the report is no evidence, {missing[0]}: {found[missing[0]]}", "a line that says so")
    if named != [code for code in CODES if code in named] or set(named) - set(found) - ONLY_SEEN_AT_CLOSING:
        _refuse("unfit", said, f"`unfit` names {named!r:.200}", f"{list(found)!r}, as the report is")
    if said.kind is Kind.RECORD and not signed:
        _refuse("unfit", said, "a record of a run without a reason", "why the run is no evidence")
    return signed


def _told(signed: tuple[Unfit, ...], judged: Judgement) -> tuple[Unfit, ...]:
    """Return the reasons as a reader is told them: in our words, not the signer's, wherever we have found them too."""
    found = {each.code: each for each in judged.unfit}
    return tuple(found.get(each.code, each) for each in signed)


def _reasons(said: Statement) -> Iterator[Unfit]:
    for each in said.shape.objects("darkhost", "unfit"):
        yield Unfit(str(each.get("code")), str(each.get("what")))


def _differences(claimed: Any, computed: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """Yield where two JSON values differ, and how."""
    if isinstance(claimed, dict) and isinstance(computed, dict):
        for key in sorted({*claimed, *computed}):
            yield from _differences(_at(claimed, key), _at(computed, key), f"{path}.{key}".lstrip("."))
    elif isinstance(claimed, list) and isinstance(computed, list) and len(claimed) == len(computed):
        for index, pair in enumerate(zip(claimed, computed, strict=True)):
            yield from _differences(*pair, f"{path}[{index}]")
    elif claimed != computed or type(claimed) is not type(computed):
        yield path, _brief(claimed), _brief(computed)


class _Nothing:
    """Stands for a key that an object has not."""

    def __repr__(self) -> str:
        return "nothing"


_NOTHING = _Nothing()


def _at(value: Mapping[str, Any], key: str) -> Any:
    return value.get(key, _NOTHING)


def _brief(value: Any) -> str:
    return f"a list of {len(value)}" if isinstance(value, list) else one_line(repr(value), 100)


def _refuse(code: str, said: Statement, what: str, expected: str) -> NoReturn:
    msg = f"{said.shape.place}: {what}, expected {expected}"
    raise EvidenceError(code, msg, said.link.sequence)
