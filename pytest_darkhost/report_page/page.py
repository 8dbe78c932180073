"""
All that the page shows, as frozen values: the newest run of each venue in full, the others in brief.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_darkhost.evidence.entries import Entry
from pytest_darkhost.report_page.check_rows import CheckRow, Word
from pytest_darkhost.report_page.matrix import Detail, Matrix, anchored, matrices
from pytest_darkhost.report_page.runs import Run, moment, run_of
from pytest_darkhost.report_page.sources import Belief, Source
from pytest_darkhost.report_page.texts import name, shown

MOST_RUNS = 200
"""Rows of the list of runs; what is older is counted."""
MOST_ROWS = 1500
"""Checks that are shown one by one, over all runs."""
_COMMIT = 12
_BAD = (Word.FAILED, Word.WARNED, Word.NOT_JUDGED, Word.NOT_RUN)
_COUNTS = ("planned", "passed", "warned", "failed", "not_applicable", "not_run")


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list of runs."""

    line: str
    time: str
    commit: str
    venues: str
    mode: str
    counts: tuple[str, ...]
    result: str
    evidence: str
    """`yes`, or why not."""
    anchor: str = ""
    """Of the run's section, where it has one."""


@dataclass(frozen=True, slots=True)
class Told:
    """A run in full."""

    run: Run
    evidence: str
    failed: tuple[Detail, ...]
    unjudged: tuple[Detail, ...]
    """Warned, not judged and not run."""
    matrices: tuple[Matrix, ...]
    details: tuple[tuple[str, tuple[Detail, ...]], ...]
    """All checks of smoke tests, by target."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A source on the page."""

    anchor: str
    place: str
    belief: Belief
    said: str
    facts: tuple[tuple[str, str], ...]
    listed: tuple[Listed, ...]
    left_out: int
    """Runs that are older than those listed."""
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The page."""

    version: str
    sources: tuple[Shown, ...]


def page_of(sources: Sequence[Source], version: str) -> Page:
    """
    Return the page of some sources.

    :raises EvidenceError: a report cannot be read.
    """
    return Page(version, tuple(_source(source, f"s{number}") for number, source in enumerate(sources, 1)))


def _source(source: Source, prefix: str) -> Shown:
    newest_first = source.entries[::-1]
    runs = list(_runs(source, newest_first[:MOST_RUNS], prefix))
    told = tuple(_told(run, _evidence(entry, source)) for entry, run in runs)
    anchors = {entry.line: run.anchor for entry, run in runs}
    listed = tuple(_listed(each, source, anchors.get(each.line, "")) for each in newest_first[:MOST_RUNS])
    facts = tuple((title, shown(text)) for title, text in source.facts)
    left_out = max(0, len(newest_first) - MOST_RUNS)
    return Shown(prefix, shown(source.place), source.belief, source.said, facts, listed, left_out, told)


def _runs(source: Source, entries: Sequence[Entry], prefix: str) -> Iterator[tuple[Entry, Run]]:
    """Yield the newest run of each venue, while there is room."""
    venues: set[str] = set()
    rows = 0
    for number, entry in enumerate(entries, 1):
        if entry.what != "run" or (venues.issuperset(entry.venues) and venues):
            continue
        run = run_of(entry, source.report(entry), f"{prefix}-r{number}")
        rows += len(run.rows)
        if venues and rows > MOST_ROWS:
            return
        venues.update(entry.venues or ("",))
        yield entry, run


def _told(run: Run, evidence: str) -> Told:
    details = anchored(run.rows, run.anchor)
    smoke = tuple(each for each in details if not each.row.is_migration)
    return Told(
        run=run,
        evidence=evidence,
        failed=tuple(each for each in details if each.row.word is Word.FAILED),
        unjudged=tuple(each for each in details if each.row.word in _BAD[1:]),
        matrices=matrices(smoke),
        details=tuple(_by_target(smoke)),
    )


def _by_target(details: Sequence[Detail]) -> Iterator[tuple[str, tuple[Detail, ...]]]:
    for target in sorted({_target(each.row) for each in details}):
        yield target, tuple(each for each in details if _target(each.row) == target)


def _target(row: CheckRow) -> str:
    return f"{row.venue}/{row.model}" if row.model else row.venue


def _listed(entry: Entry, source: Source, anchor: str) -> Listed:
    counts = entry.counts or {}
    return Listed(
        line=str(entry.line or "-"),
        time=moment(entry.time),
        commit=name(entry.commit[:_COMMIT]),
        venues=", ".join(map(name, entry.venues[:8])),
        mode=", ".join(map(name, entry.modes)),
        counts=tuple(str(counts.get(each, "")) for each in _COUNTS),
        result={"abandoned": "never closed", "key": "key changed"}.get(entry.what, name(entry.result)),
        evidence=_evidence(entry, source),
        anchor=anchor,
    )


def _evidence(entry: Entry, source: Source) -> str:
    """Return what a run proves, in words."""
    if entry.what == "key":
        return f"signed by {entry.result[:_COMMIT]} from here on"
    if entry.what == "abandoned":
        return "no: opened, and never closed"
    if entry.unfit:
        return f"no: {', '.join(name(each.code) for each in entry.unfit)}"
    return "yes" if source.belief is Belief.VERIFIED else f"not verified: {source.belief}"
