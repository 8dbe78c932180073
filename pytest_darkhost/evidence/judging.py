"""
What a report and the chain before it make of a run. Used by who closes a run and by who verifies it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from pytest_darkhost.evidence import fitness
from pytest_darkhost.evidence.calls import Calls
from pytest_darkhost.evidence.identities import Answers, Identities, answers_of
from pytest_darkhost.evidence.impossible import CODE as IMPOSSIBLE
from pytest_darkhost.evidence.mismatches import faults_of_calls, faults_of_figures
from pytest_darkhost.evidence.observed import TOLERANCE, Window
from pytest_darkhost.evidence.outcomes import Outcomes, outcomes_of
from pytest_darkhost.evidence.report import Report
from pytest_darkhost.evidence.seen import Seen, seen_by
from pytest_darkhost.evidence.unfit import Unfit, gathered
from pytest_darkhost.moments import moment_of


@dataclass(frozen=True, slots=True)
class Judgement:
    """A run as it is."""

    outcomes: Outcomes
    unfit: tuple[Unfit, ...]
    """Why it is no evidence; nothing when it is."""
    planned: tuple[Seen, ...]
    """What the tests of its plan saw."""


def judge(
    report: Report,
    window: Window,
    identities: Identities,
    line: int,
    cassettes: Mapping[str, str] | None = None,
) -> Judgement:
    """
    Return what a report is worth that a line of a bundle closes, or will.

    `identities` holds the answers of the runs before, and from then on those of this one; `cassettes` says which run
    recorded an answer, by its id.
    """
    calls = Calls(window, fitness.origins_of(report.run))
    seen, plan = seen_by(report.items, calls), frozenset(report.run["plan"]["ids"])
    planned = tuple([each for each in seen if each.item.node_id in plan])
    answers = answers_of(calls.each())
    before = identities.meet(answers.all, line)
    unfit = gathered(
        chain(
            fitness.faults(report.run, planned),
            (("stale_date", what) for what in _out_of_time(report, window)),
            (("foreign_id", f"{probe}: answer {what}") for probe, what in _spent(report, answers, before, cassettes)),
            ((IMPOSSIBLE, what) for what in faults_of_calls(report.run, calls)),
            ((IMPOSSIBLE, what) for what in faults_of_figures(report.data, report.run["exit_status"])),
        )
    )
    return Judgement(outcomes_of(report.items, report.run["plan"]["ids"]), unfit, planned)


def _out_of_time(report: Report, window: Window) -> Iterator[str]:
    """Yield how a run's own times do not fit its lines. It can begin long before its opening: tests are collected."""
    if moment_of(report.run["started_at"]) - window[0] > TOLERANCE:
        yield f"began at {report.run['started_at']}, after it was opened"
    if abs(moment_of(report.run["finished_at"]) - window[1]) > TOLERANCE:
        yield f"ended at {report.run['finished_at']}, not when it was closed"


def _spent(
    report: Report, answers: Answers, before: Mapping[str, int], cassettes: Mapping[str, str] | None
) -> Iterable[tuple[str, str]]:
    """Return the calls whose answers are no new ones, each once: what is known by its id is so by its digest, too."""
    found: dict[str, str] = {}
    for probe, what in (
        *_of_two(answers),
        *_foreign(answers, before),
        *_recorded(report, answers, cassettes or {}),
    ):
        found.setdefault(probe, what)
    return found.items()


def _of_two(answers: Answers) -> Iterator[tuple[str, str]]:
    for identity in answers.twice:
        yield answers.live[identity], f"{identity:.60} is that of another call"


def _foreign(answers: Answers, before: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    for identity, probe in answers.live.items() if before else ():
        if identity in before:
            yield probe, f"{identity:.60} was in the run of line {before[identity]} already"


def _recorded(report: Report, answers: Answers, cassettes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for identity, probe in answers.live.items():
        run_id = cassettes.get(identity, report.run["run_id"])
        if run_id != report.run["run_id"]:
            yield probe, f"{identity:.60} is on a cassette of run {run_id:.40}"
