"""
A check applied to a case. Exceptions of a check are not caught: they are faults of the check, not of the venue.
"""

from pytest_darkhost.checks.case import Case, Check
from pytest_darkhost.checks.target import declares
from pytest_darkhost.verdicts import NotJudged, ReasonCode, Verdict


def judge(check: Check, case: Case) -> Verdict:
    """Return the verdict of a check, or `not_applicable` where the spec does not declare the capability it needs."""
    if check.capability is not None and case.model is not None and not declares(case, check.capability):
        return NotJudged(ReasonCode.NOT_APPLICABLE, f"spec declares no '{check.capability}' for this model")
    return check.judge(case)
