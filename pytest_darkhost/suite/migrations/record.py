"""
The `darkhost` object of one migration check in the JSON report.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_darkhost.verdicts import Failed, NotJudged, Verdict

if TYPE_CHECKING:
    from pytest_darkhost.migrations.baseline import Accepted

SOURCE = "migration"


def record(verdict: Verdict, facts: Mapping[str, Any], accepted: "Accepted | None") -> dict[str, Any]:
    """
    Return the JSON-safe object of one judged item.

    :param accepted: the entry of the baseline that covers a failure.
    """
    unjudged = isinstance(verdict, NotJudged)
    return {
        **facts,
        "verdict": "not_judged" if unjudged else "failed" if isinstance(verdict, Failed) else "passed",
        "reason_code": str(verdict.code) if isinstance(verdict, NotJudged) else None,
        "source": SOURCE,
        "mode": SOURCE,
        "expected": "" if isinstance(verdict, NotJudged) else verdict.expected,
        "actual": verdict.reason if isinstance(verdict, NotJudged) else verdict.actual,
        "context": [] if unjudged else [list(each) for each in verdict.context],
        "figures": dict(verdict.figures),
        "accepted": accepted.place if accepted else None,
    }
