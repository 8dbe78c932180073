"""
What to conclude of an observation that cannot be read: nothing was sent, nothing was seen, or the call failed.

Each check asks here first, so that a dead venue gives one line per check and never a pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from pytest_darkhost.checks.texts import number, short
from pytest_darkhost.observations import ErrorKind, Mode, Observation, ProbeError
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict

Trouble: TypeAlias = Failed | NotJudged
"""A verdict other than a pass."""

AN_ANSWER = "an answer"
"""What is expected of a call that failed as a whole."""
_OTHERS_SHOWN = 3
_NOT_SENT = {ErrorKind.COST_CAP: ReasonCode.COST_CAP, ErrorKind.CANCELLED: ReasonCode.CANCELLED}


def label(observation: Observation) -> str:
    """Return `warm[2]`: the probe's name and sample."""
    return f"{observation.probe.name}[{observation.probe.sample}]"


def error_line(error: ProbeError) -> str:
    """Return `<kind>: <message> (status 503, code 'overloaded', request id req_1)` on one line."""
    details = [
        f"status {error.status}" if error.status is not None else "",
        f"code {short(error.venue_code, 60)!r}" if error.venue_code else "",
        f"venue says {short(error.venue_message)!r}" if error.venue_message else "",
        f"request id {short(error.request_id, 80)}" if error.request_id else "",
        f"to {short(error.location, 160)}" if error.location else "",
    ]
    shown = ", ".join(filter(None, details))
    return f"{error.kind}: {short(error.message, 200)}" + (f" ({shown})" if shown else "")


def _rate_limited(error: ProbeError) -> NotJudged:
    wait = "" if error.retry_after_s is None else f"; retry after {number(error.retry_after_s)} s"
    return NotJudged(ReasonCode.RATE_LIMITED, error_line(error) + wait)


def problem(observation: Observation) -> Trouble | None:
    """Return why an observation holds no answer, or `None` when the call went through."""
    error = observation.error
    if error is not None and error.kind in _NOT_SENT:
        return NotJudged(_NOT_SENT[error.kind], short(error.message, 200))
    if observation.mode is Mode.UNSEEN and (observation.exchange is not None or error is None):
        return NotJudged(ReasonCode.WIRE_UNSEEN, "no HTTP library whose wire is observed took part in the call")
    if error is None:
        return None
    if error.kind is ErrorKind.NOT_RECORDED:
        again = f"pytest -m live --venue={observation.probe.venue} --darkhost-record"
        return Failed(AN_ANSWER, f"{error.kind}: {short(error.message, 600)}", (("record again", again),))
    return _rate_limited(error) if error.kind is ErrorKind.RATE_LIMITED else Failed(AN_ANSWER, error_line(error))


def not_planned(*names: str) -> NotJudged:
    """Return the verdict for probes of which there is no observation."""
    return NotJudged(ReasonCode.TOO_FEW_SAMPLES, f"no call of {' or '.join(map(repr, map(str, names)))} was planned")


def _merged(failures: Sequence[tuple[str, Failed]], total: int) -> Failed:
    """Return one failure for several: the first in full, and in the context those that say something else."""
    place, first = failures[0]
    if total == 1:
        return first
    word = "calls failed" if first.expected == AN_ANSWER else "calls"
    # Request ids differ in each call: what stands in parentheses makes no other failure.
    sorts = {failed.actual.partition(" (")[0]: (name, failed.actual) for name, failed in reversed(failures)}
    context = tuple(line for line in reversed(sorts.values()) if line[0] != place)[:_OTHERS_SHOWN]
    actual = f"{len(failures)} of {total} {word}: {place}: {first.actual}"
    return replace(first, actual=actual, context=(*first.context, *context))


def trouble(observations: Sequence[Observation], judge: Callable[[Observation], Trouble | None]) -> Trouble | None:
    """
    Return what is wrong with any of these calls, or `None`.

    A failure outweighs what could not be judged: one bad answer is proof, whatever the others would have said.
    """
    found = [(label(observation), judge(observation)) for observation in observations]
    failures = [(name, verdict) for name, verdict in found if isinstance(verdict, Failed)]
    if failures:
        return _merged(failures, len(observations))
    unjudged = [(name, verdict) for name, verdict in found if isinstance(verdict, NotJudged)]
    if not unjudged:
        return None
    name, first = unjudged[0]
    return first if len(observations) == 1 else replace(first, reason=f"{name}: {first.reason}")


def each(
    observations: Sequence[Observation],
    judge: Callable[[Observation], Trouble | None],
    passed: Passed,
    *,
    names: Sequence[str],
) -> Verdict:
    """Return `passed` when there are observations and `judge` finds nothing in any, else what it finds."""
    if not observations:
        return not_planned(*names)
    return trouble(observations, judge) or passed
