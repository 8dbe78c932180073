"""A plan of a report has one spelling: its ids in order, each once, with their number and digest."""

import pytest

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import report
from support import evidence

IDS = sorted(evidence.node_id(check) for check in evidence.CHECKS)


def plan_of(ids, **changes):
    """Return a plan that has its own number and digest, whatever its ids."""
    return {"count": len(ids), "digest": {"sha256": report.plan_sha256(ids)}, "ids": ids} | changes


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (plan_of(IDS[::-1]), "`plan.ids` is not in order, expected node ids in order, each once"),
        (plan_of([IDS[1], IDS[0], IDS[2]]), "`plan.ids` is not in order"),
        (plan_of([*IDS, IDS[-1]]), "`plan.ids` is not in order"),
        (plan_of([IDS[0], *IDS]), "`plan.ids` is not in order"),
        (plan_of(IDS, count=2), "`plan.count` is 2, expected the number of its ids, 3"),
        (plan_of(IDS, digest={"sha256": "0" * 64}), "`plan.digest` is another one, expected that of its ids"),
        (plan_of(IDS) | {"ids": [*IDS[:2], 7]}, "`plan.ids` holds something else, expected text in each place"),
    ],
)
def test_another_plan_is_refused(plan, words):
    """Two plans of the same ids would have two digests."""
    with pytest.raises(EvidenceError) as refused:
        report.parse(evidence.spelled(evidence.report(1, plan=plan)), "report")

    assert refused.value.code == "report"
    assert words in str(refused.value)


def test_a_plan_of_nothing_is_a_plan():
    """The run is no evidence then, and says so."""
    assert report.parse(evidence.spelled(evidence.report(1, plan=plan_of([]))), "report").run["plan"]["ids"] == []
