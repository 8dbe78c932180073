"""What became of each planned test, from its stages."""

import pytest

from pytest_darkhost.evidence import report
from pytest_darkhost.evidence.outcomes import outcomes_of
from pytest_darkhost.evidence.strict_json import dumps
from support import evidence

PROBE = evidence.probe(1)


def found_in(value):
    """Return what became of the planned tests of a report."""
    parsed = report.parse(dumps(value), "report.json")
    return outcomes_of(parsed.items, parsed.run["plan"]["ids"])


def stages(**outcomes):
    """Return a test that passed, but for some stages; `None` takes one away."""
    test = evidence.passed("identity", PROBE)
    for name, outcome in outcomes.items():
        if outcome is None:
            del test[name]
        else:
            test[name] = {"duration": 0.1, "outcome": outcome}
    return test


CASES = {
    "passed": (evidence.passed("identity", PROBE), "passed"),
    "failed": (evidence.failed("identity", PROBE), "failed"),
    "a stage failed, whatever the report says": (stages(call="failed"), "failed"),
    "set-up failed": (stages(setup="failed"), "failed"),
    "teardown failed": (stages(teardown="failed"), "failed"),
    "error": (stages() | {"outcome": "error"}, "failed"),
    "interrupted in the call": (stages(call=None, teardown=None), "warned"),
    "interrupted before teardown": (stages(teardown=None), "warned"),
    "no stage at all": (stages(setup=None, call=None, teardown=None), "warned"),
    "a stage that is no object": (stages() | {"call": "passed"}, "warned"),
    "skipped": (evidence.skipped("identity", "rate_limited"), "warned"),
    "declared": (evidence.skipped("identity", "not_applicable"), "not_applicable"),
    "declared, and said to have passed": (
        evidence.skipped("identity", "not_applicable") | {"outcome": "passed"},
        "warned",
    ),
    "xfailed": (stages(call="skipped") | {"outcome": "xfailed"}, "warned"),
    "xpassed": (stages() | {"outcome": "xpassed"}, "warned"),
    "rerun": (stages() | {"outcome": "rerun"}, "warned"),
    "an outcome that is no text": (stages() | {"outcome": ["passed"]}, "warned"),
    "passed, with another verdict": (evidence.passed("identity", PROBE, verdict="not_judged"), "warned"),
    "passed, without a verdict": (stages() | {"metadata": {}}, "warned"),
    "passed, with metadata that is none": (stages() | {"metadata": [1]}, "warned"),
}


@pytest.mark.parametrize(("test", "expected"), CASES.values(), ids=CASES)
def test_a_test_is_in_one_list(test, expected):
    """That of its worst stage; only three stages that passed make a pass."""
    value = evidence.report(1, [test], plan=evidence.plan([evidence.node_id("identity")]))

    found = found_in(value)

    assert {name: getattr(found, name) for name in found.__slots__ if getattr(found, name)} == {
        expected: (evidence.node_id("identity"),)
    }


def test_a_second_try_is_no_pass():
    """A test that was run again is not judged by its last run; one that failed in the end has failed."""
    ids = [evidence.node_id(check) for check in ("identity", "availability", "json_schema")]
    tests = [
        evidence.passed("identity", PROBE),
        evidence.failed("availability", PROBE),
        evidence.skipped("json_schema", "not_applicable"),
    ]
    found = found_in(evidence.report(1, tests, plan=evidence.plan(ids), reruns=ids))

    assert (found.warned, found.failed, found.not_applicable) == ((ids[0], ids[2]), (ids[1],), ())


def test_what_was_not_planned_does_not_count():
    """Replay, migrations, other venues: neither their passes nor their failures."""
    tests = [evidence.passed("identity", PROBE), evidence.failed("availability", PROBE)]
    found = found_in(evidence.report(1, tests, plan=evidence.plan([evidence.node_id("identity")])))

    assert (found.result, found.failed) == ("PASSED", ())


def test_what_was_planned_and_not_run_is_in_a_list_of_its_own():
    """It is no test that ended in some way."""
    ids = [evidence.node_id("identity"), evidence.node_id("availability")]
    found = found_in(evidence.report(1, [evidence.passed("identity", PROBE)], plan=evidence.plan(ids)))

    assert (found.passed, found.not_run, found.warned) == ((ids[0],), (ids[1],), ())


RESULTS = {
    "all passed": ([evidence.passed("identity", PROBE)], ["identity"], "PASSED"),
    "one declared": (
        [evidence.passed("identity", PROBE), evidence.skipped("availability", "not_applicable")],
        ["identity", "availability"],
        "PASSED",
    ),
    "one not run": ([evidence.passed("identity", PROBE)], ["identity", "availability"], "WARNED"),
    "one not judged": (
        [evidence.passed("identity", PROBE), evidence.skipped("availability", "cost_cap")],
        ["identity", "availability"],
        "WARNED",
    ),
    "all declared": ([evidence.skipped("identity", "not_applicable")], ["identity"], "WARNED"),
    "one failed, the rest not run": ([evidence.failed("identity", PROBE)], ["identity", "availability"], "FAILED"),
    "nothing": ([], [], "WARNED"),
}


@pytest.mark.parametrize(("tests", "checks", "result"), RESULTS.values(), ids=RESULTS)
def test_the_result(tests, checks, result):
    """FAILED before WARNED before PASSED, and no PASSED where nothing was judged."""
    value = evidence.report(1, tests, plan=evidence.plan([evidence.node_id(check) for check in checks]))

    assert found_in(value).result == result
