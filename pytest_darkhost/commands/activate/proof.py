"""
What keeps the newest run of a target from being proof enough to light it. Pure.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from pytest_darkhost.commands.activate.facts import Facts, Row
from pytest_darkhost.commands.activate.gate import Problem
from pytest_darkhost.evidence.outcomes import Outcomes
from pytest_darkhost.evidence.target_runs import TargetRun
from pytest_darkhost.evidence.unfit import listed
from pytest_darkhost.moments import rfc3339

_TOLERANCE = timedelta(minutes=5)
"""How far the clock that signed may be ahead of ours."""
_LISTS = {"failed": "failed", "warned": "not judged", "not_run": "not run"}


def flaws(run: TargetRun, facts: Facts) -> tuple[str, ...]:
    """Return why this run does not do, in the order of what it says; nothing where it does."""
    if run.outcomes is None:
        return ("it was opened and never closed: killed, or at work still",)
    if run.unfit:
        return (f"it is no evidence: {', '.join(run.unfit)}",)
    return (*_unproved(run.outcomes), *_changed(run, facts), *_old(run.time, facts))


def _unproved(outcomes: Outcomes) -> Iterator[str]:
    if outcomes.result == "PASSED":
        return
    for name, words in _LISTS.items():
        if ids := getattr(outcomes, name):
            yield f"{len(ids)} {words}: {listed([each.partition('::')[2] for each in ids])}"
    if not outcomes.passed:
        yield "none passed"


def _changed(run: TargetRun, facts: Facts) -> Iterator[str]:
    pairs = {
        "the spec": (run.spec, facts.spec_sha256),
        "the package": (run.version, facts.version),
    }
    for what, (then, now) in pairs.items():
        if then is None:
            yield f"its report does not say of which version {what} was"
        elif then != now:
            yield f"{what} was changed since ({then:.12} is {now:.12} now)"
    yield from _row_changed(run, facts.row)


def _row_changed(run: TargetRun, row: Row | Problem) -> Iterator[str]:
    if isinstance(row, Problem):
        yield f"the catalog's row cannot be compared: {row.text}"
    elif run.row is None:
        yield "its report does not say what the catalog held of the target"
    elif run.row != row.sha256:
        yield f"the catalog's row, or its provider's, was changed since ({run.row:.12} is {row.sha256:.12} now)"


def _old(at: datetime, facts: Facts) -> Iterator[str]:
    if at > facts.now + _TOLERANCE:
        yield f"it is of {rfc3339(at)}, which is to come: the clock says {rfc3339(facts.now)}"
    elif facts.now - at > timedelta(days=facts.max_age_days):
        yield f"it is of {rfc3339(at)}, expected one of the last {facts.max_age_days} days"
