"""
What a report, or a folder of which no key is known, says of its runs. The judgement is that of evidence; the
signatures are not looked at, so that none of it is proved.
"""

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from pytest_darkhost import semconv
from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import report, statement
from pytest_darkhost.evidence.entries import Entry, abandoned_entry, key_entry, run_entry
from pytest_darkhost.evidence.folder import REPORTS, lines, read_report
from pytest_darkhost.evidence.identities import Identities
from pytest_darkhost.evidence.judging import Judgement, judge
from pytest_darkhost.evidence.kinds import Kind
from pytest_darkhost.evidence.shape import Shape
from pytest_darkhost.evidence.statement import NOTHING_BEFORE, Link, Statement
from pytest_darkhost.evidence.unfit import Unfit
from pytest_darkhost.moments import moment_of
from pytest_darkhost.report_page.reports import Report
from pytest_darkhost.report_page.texts import mapping, texts


def lone_entry(found: Report, data: bytes) -> tuple[Entry, str]:
    """Return the row of a report's run, given its bytes too, and why evidence cannot judge it: empty where it can."""
    try:
        whole = report.parse(data, found.place)
        judged = _judged(whole)
    except EvidenceError as error:
        return _unjudged(found), str(error)
    link = Link(0, NOTHING_BEFORE, whole.run["finished_at"])
    record = statement.closing(whole, link, opened=NOTHING_BEFORE, outcomes=judged.outcomes, unfit=judged.unfit)
    shape = Shape(record["predicate"], found.place, "statement")
    said = Statement(Kind.RECORD, link, moment_of(link.time), shape, record, b"")
    return run_entry(said, whole, judged), ""


def _judged(whole: report.Report) -> Judgement:
    """Return what a report is worth that nothing came before: its calls are expected between its own times."""
    window = moment_of(whole.run["started_at"]), moment_of(whole.run["finished_at"])
    with closing(Identities()) as nothing:
        return judge(whole, window, nothing, 1)


def _unjudged(found: Report) -> Entry:
    run = found.run
    unfit = (Unfit("truncated", "the report ends before the run did"),) if run.get("truncated") is True else ()
    return Entry(
        what="run",
        line=0,
        time=str(run.get("finished_at") or run.get("started_at") or ""),
        run_id=str(run.get("run_id") or ""),
        commit=str(mapping(run.get("vcs")).get(semconv.VCS_REF_HEAD_REVISION) or ""),
        venues=tuple(texts(run.get("venues"))),
        result="",
        unfit=unfit,
        operator=str(mapping(run.get("operator")).get("id") or ""),
    )


def claimed_runs(folder: Path, identities: Identities) -> Iterator[tuple[Entry, report.Report | None]]:
    """
    Yield the rows of a folder, with the reports of those that are runs; each is the one that its line names.

    :raises EvidenceError: a line or a report cannot be read, or they do not fit each other.
    """
    opening: Statement | None = None
    for line in lines(folder):
        said = statement.read(line)
        if said.kind.is_closing and opening is not None:
            yield _claimed_run(folder, opening, said, identities)
        elif opening is not None:
            yield abandoned_entry(opening), None
        if said.kind is Kind.ROTATED:
            yield key_entry(said), None
        opening = said if said.kind is Kind.OPENED else None
    if opening is not None:
        yield abandoned_entry(opening), None


def _claimed_run(
    folder: Path, opening: Statement, said: Statement, identities: Identities
) -> tuple[Entry, report.Report]:
    number, run_id = said.link.sequence, said.shape.text("darkhost", "runId")
    if not report.RUN_ID.fullmatch(run_id):
        msg = f"{said.shape.place}: closes run {run_id!r:.60}, expected a UUID"
        raise EvidenceError("order", msg, number)
    name = statement.report_name(number, run_id)
    data = read_report(folder, name, number)
    if said.value.get("subject") != [{"name": name, "digest": {"sha256": hashlib.sha256(data).hexdigest()}}]:
        msg = f"{said.shape.place}: {REPORTS}/{name} is not the report that the line names, expected its bytes"
        raise EvidenceError("subject", msg, number)
    found = report.parse(data, str(folder / REPORTS / name), number)
    judged = judge(found, (opening.moment, said.moment), identities, number)
    return run_entry(said, found, judged), found
