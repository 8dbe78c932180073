"""A hostile report takes no more memory and time than its size lets one expect: what is told of it is bounded."""

import tracemalloc
from datetime import timedelta

import pytest

from pytest_darkhost.evidence import observed, report
from pytest_darkhost.evidence.identities import Identities
from pytest_darkhost.evidence.judging import judge
from pytest_darkhost.evidence.remembered import remembered
from pytest_darkhost.evidence.unfit import gathered
from support import evidence

LONG = "x" * 200_000
TESTS = 200
WINDOW = evidence.START, evidence.START + timedelta(seconds=9)


def with_one_call(**changes):
    """Return a report of many tests, each of which names one call."""
    call = evidence.probe(1, **changes)
    tests = [evidence.passed(f"c{number}") for number in range(TESTS)]
    for test in tests:
        test["metadata"]["darkhost"]["probes"] = [call["probe"]]
    ids = [test["nodeid"] for test in tests]
    return evidence.report(1, tests, plan=evidence.plan(ids), probes={call["probe"]: call})


@pytest.mark.parametrize(
    "changes",
    [
        {"url.full": f"https://{LONG}"},
        {"mode": LONG},
        {"proxy": [LONG]},
        {"network.peer.address": f"10.0.0.1:{LONG}"},
        {"ca_source": {"x": LONG}},
        {"probe": f"acme/{LONG}/chat[1]", "mode": "unseen"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_long_is_not_told_again_for_each_test(changes):
    """A call stands once in a report, and each test that names it repeats what is wrong with it."""
    parsed = report.parse(evidence.spelled(with_one_call(**changes)), "report.json")
    before = Identities()
    tracemalloc.start()
    try:
        (unfit, *_) = judge(parsed, WINDOW, before, 2).unfit
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        before.close()

    assert unfit.what.endswith(f"(and {TESTS - 1} more)")
    assert len(unfit.what) < 1000
    assert peak < TESTS * len(LONG) / 10


def test_reasons_are_counted_and_not_kept():
    """However many there are, the first of a code stays."""
    tracemalloc.start()
    try:
        (unfit,) = gathered(("mocked", f"{number:010}{LONG}") for number in [*range(TESTS), 0])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert unfit.what == f"{0:010}{LONG} (and {TESTS - 1} more)"
    assert peak < 10 * len(LONG)


def test_what_long_texts_mean_is_not_kept():
    """That of short ones is, for most calls have the same few."""
    asked = []
    length = remembered(lambda text: asked.append(len(text)) or len(text))

    assert [length("short"), length("short"), length(LONG), length(LONG)] == [5, 5, len(LONG), len(LONG)]
    assert asked == [5, len(LONG), len(LONG)]


def test_a_value_is_told_by_its_beginning():
    """Whatever it is."""
    assert observed.word("live") == "live"
    assert len(observed.word(LONG)) == len(observed.word([LONG])) == 200
