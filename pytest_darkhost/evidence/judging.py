"""
What a report and the chain before it make of a run. Used by who closes a run and by who verifies it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pytest_darkhost.evidence import fitness
from pytest_darkhost.evidence.calls import Calls
from pytest_darkhost.evidence.identities import Answers, Identities, answers_of
from pytest_darkhost.evidence.observed import Window
from pytest_darkhost.evidence.outcomes import Outcomes, outcomes_of
from pytest_darkhost.evidence.report import Report
from pytest_darkhost.evidence.seen import seen_by
from pytest_darkhost.evidence.unfit import Unfit, gathered


@dataclass(frozen=True, slots=True)
class Judgement:
    """A run as it is."""

    outcomes: Outcomes
    unfit: tuple[Unfit, ...]
    """Why it is no evidence; nothing when it is."""
    identities: Mapping[str, str]
    """Of its answers, with the probe of each."""


def judge(
    report: Report,
    window: Window,
    before: Identities,
    cassettes: Mapping[str, str] | None = None,
) -> Judgement:
    """
    Return what a report is worth.

    `before` holds the answers of the runs before; `cassettes` says which run recorded an answer, by its id.
    """
    calls = Calls(window, fitness.hosts_of(report.run))
    items = seen_by(report.items, calls)
    answers = answers_of(calls.each())
    pairs = [*fitness.faults(report.run, items)]
    pairs += [
        ("foreign_id", f"{answers.live[each]}: answer {each:.60} is that of another call") for each in answers.twice
    ]
    pairs += [("foreign_id", what) for what in _foreign(answers, before)]
    pairs += [("foreign_id", what) for what in _recorded(report, answers, cassettes or {})]
    outcomes = outcomes_of(report.items, report.run["plan"]["ids"])
    return Judgement(outcomes, gathered(pairs), answers.all)


def _foreign(answers: Answers, before: Identities) -> Iterator[str]:
    for identity, line in before.seen(answers.live):
        yield f"{answers.live[identity]}: answer {identity:.60} was in the run of line {line} already"


def _recorded(report: Report, answers: Answers, cassettes: Mapping[str, str]) -> Iterator[str]:
    for identity, probe in answers.live.items():
        run_id = cassettes.get(identity, report.run["run_id"])
        if run_id != report.run["run_id"]:
            yield f"{probe}: answer {identity:.60} is on a cassette of run {run_id:.40}"
