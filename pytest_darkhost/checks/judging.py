"""
A check applied to a case. Exceptions of a check are not caught: they are faults of the check, not of the venue.
"""

from dataclasses import replace

from pytest_darkhost.checks.case import Case, Check, Source
from pytest_darkhost.checks.target import declares
from pytest_darkhost.verdicts import NotJudged, ReasonCode, Verdict


def judge(check: Check, case: Case) -> Verdict:
    """Return the verdict of a check, or `not_applicable` where the spec does not declare the capability it needs."""
    if check.capability is not None and case.model is not None and not declares(case, check.capability):
        return NotJudged(ReasonCode.NOT_APPLICABLE, f"spec declares no '{check.capability}' for this model")
    return _judged_times(check, case) if check.timed and case.source is Source.REPLAY else check.judge(case)


def _judged_times(check: Check, case: Case) -> Verdict:
    """Return a verdict on times that were recorded, which says when; of composed ones there is none."""
    from pytest_darkhost.observations import Mode

    exchanges = [observation.exchange for observation in case.observations if observation.exchange]
    if any(exchange.mode is Mode.COMPOSED for exchange in exchanges):
        return NotJudged(ReasonCode.COMPOSED, "the cassette was composed: its times are nobody's")
    verdict = check.judge(case)
    if isinstance(verdict, NotJudged) or not exchanges:
        return verdict
    day = min(exchange.started_at for exchange in exchanges).date()
    return replace(verdict, actual=f"{verdict.actual}, recorded {day}")
