"""
What a closing line claims of its report, against what the report says.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import report, statement, strict_json
from pytest_darkhost.evidence.chain import Chain
from pytest_darkhost.evidence.entries import Entry, run_entry
from pytest_darkhost.evidence.folder import REPORTS, read_file
from pytest_darkhost.evidence.identities import Identities
from pytest_darkhost.evidence.judging import Judgement, judge
from pytest_darkhost.evidence.kinds import Kind
from pytest_darkhost.evidence.openings import check_opening
from pytest_darkhost.evidence.shape import brief
from pytest_darkhost.evidence.statement import Statement
from pytest_darkhost.evidence.unfit import CODES, Unfit
from pytest_darkhost.plain_text import one_line

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
    check_opening(found, before.opening.shape)
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
        yield path, brief(claimed), brief(computed)


class _Nothing:
    """Stands for a key that an object has not."""

    def __repr__(self) -> str:
        return "nothing"


_NOTHING = _Nothing()


def _at(value: Mapping[str, Any], key: str) -> Any:
    return value.get(key, _NOTHING)


def _refuse(code: str, said: Statement, what: str, expected: str) -> NoReturn:
    msg = f"{said.shape.place}: {what}, expected {expected}"
    raise EvidenceError(code, msg, said.link.sequence)
