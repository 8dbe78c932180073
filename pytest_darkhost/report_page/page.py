"""
All that the page shows, as frozen values: the newest run of each venue in full, the others in brief.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pytest_darkhost.evidence.entries import Entry
from pytest_darkhost.report_page.calls import TargetCalls, calls_of
from pytest_darkhost.report_page.check_rows import Word
from pytest_darkhost.report_page.matrix import Detail, Matrix, anchored, matrices
from pytest_darkhost.report_page.measures import Course, Rivals, courses, rivals
from pytest_darkhost.report_page.round_trips import Trip, trips_of
from pytest_darkhost.report_page.runs import Run, line_of, moment
from pytest_darkhost.report_page.sources import Belief, Source
from pytest_darkhost.report_page.texts import name, shown
from pytest_darkhost.report_page.urls import Abreast, abreast

MOST_PLOTS = 40
"""Of a kind. What is left out is counted, and is in the report of a run with fewer venues."""
_COMMIT = 12
_UNJUDGED = (Word.WARNED, Word.NOT_JUDGED, Word.NOT_RUN)
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
    """All checks, by target or by revision."""
    calls: tuple[TargetCalls, ...]
    calls_left_out: int
    """Targets whose calls are not shown."""
    urls: tuple[Abreast, ...]
    trips: tuple[Trip, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """An earlier run: what came of it, and some of its failures."""

    run: Run
    evidence: str
    left_out: int
    """Failures that are not listed."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A source on the page."""

    anchor: str
    place: str
    is_folder: bool
    belief: Belief
    said: str
    facts: tuple[tuple[str, str], ...]
    listed: tuple[Listed, ...]
    left_out: int
    """Runs that are older than those listed."""
    told: tuple[Told, ...]
    brief: tuple[Brief, ...]
    courses: tuple[Course, ...]
    courses_left_out: int
    lines: tuple[str, ...]
    """The runs of the courses, the oldest first."""
    rivals: tuple[Rivals, ...]
    rivals_left_out: int


@dataclass(frozen=True, slots=True)
class Page:
    """The page."""

    version: str
    sources: tuple[Shown, ...]


def page_of(sources: Sequence[Source], version: str) -> Page:
    """Return the page of some sources."""
    return Page(version, tuple(_source(source, anchor_of(number)) for number, source in enumerate(sources)))


def anchor_of(number: int) -> str:
    """Return the id of a source's section, counted from 0."""
    return f"s{number + 1}"


def _source(source: Source, anchor: str) -> Shown:
    gathered = source.gathered
    all_courses, all_rivals = courses(gathered.points), rivals(gathered.points)
    told = tuple(_told(_claiming(run, source), _evidence(entry, source)) for entry, run in gathered.in_full())
    brief = tuple(_brief(_claiming(run, source), _evidence(entry, source)) for entry, run in gathered.in_brief())
    anchors = {run.line: run.anchor for run in (*(each.run for each in told), *(each.run for each in brief))}
    return Shown(
        anchor=anchor,
        place=shown(source.place),
        is_folder=source.is_folder,
        belief=source.belief,
        said=source.said,
        facts=tuple((title, shown(text)) for title, text in source.facts),
        listed=tuple(_listed(each, source, anchors.get(line_of(each), "")) for each in reversed(gathered.entries)),
        left_out=gathered.left_out,
        told=told,
        brief=brief,
        courses=all_courses[:MOST_PLOTS],
        courses_left_out=max(0, len(all_courses) - MOST_PLOTS),
        lines=tuple(dict.fromkeys(point.line for point in gathered.points)),
        rivals=all_rivals[:MOST_PLOTS],
        rivals_left_out=max(0, len(all_rivals) - MOST_PLOTS),
    )


def _claiming(run: Run, source: Source) -> Run:
    return replace(run, result=_result(run.result, source))


def _result(result: str, source: Source) -> str:
    """Return a result, of what is refused as a claim: nothing of it may look good."""
    return f"claims {result}" if result and source.belief is Belief.REFUSED else result


def _brief(run: Run, evidence: str) -> Brief:
    return Brief(run, evidence, max(0, run.counts[Word.FAILED.value] - len(run.rows)))


def _told(run: Run, evidence: str) -> Told:
    details, calls = anchored(run.rows, run.anchor), calls_of(run.rows)
    smoke = tuple(each for each in details if not each.row.is_migration)
    return Told(
        run=run,
        evidence=evidence,
        failed=tuple(each for each in details if each.row.word is Word.FAILED),
        unjudged=tuple(each for each in details if each.row.word in _UNJUDGED),
        matrices=matrices(smoke),
        details=tuple(_by_subject(details)),
        calls=calls[:MOST_PLOTS],
        calls_left_out=max(0, len(calls) - MOST_PLOTS),
        urls=abreast(each.row for each in smoke),
        trips=trips_of(details),
    )


def _by_subject(details: Sequence[Detail]) -> Iterator[tuple[str, tuple[Detail, ...]]]:
    found: dict[str, list[Detail]] = {}
    for each in details:
        found.setdefault(each.row.subject, []).append(each)
    for subject, parts in sorted(found.items()):
        yield subject, tuple(parts)


def _listed(entry: Entry, source: Source, anchor: str) -> Listed:
    counts = entry.counts or {}
    return Listed(
        line=line_of(entry),
        time=moment(entry.time).removesuffix(" UTC"),
        commit=name(entry.commit[:_COMMIT]),
        venues=", ".join(map(name, entry.venues[:8])),
        mode=", ".join(map(name, entry.modes)),
        counts=tuple(str(counts.get(each, "")) for each in _COUNTS),
        result={"abandoned": "never closed", "key": "key changed"}.get(entry.what, _result(name(entry.result), source)),
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
