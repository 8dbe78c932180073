"""A call stands once in a report, and its name in each test that read it."""

import copy
import json

import pytest

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import report
from pytest_darkhost.evidence.shared_calls import spread
from pytest_darkhost.suite.shared_calls import share
from support import evidence


def made():
    """Return the report of two tests that read one call, of which another reads a second, too."""
    first, second = evidence.probe(1, 1), evidence.probe(1, 2)
    return evidence.report(1, [evidence.passed("a", first), evidence.passed("b", copy.deepcopy(first), second)])


def shared():
    """Return the same with each call once."""
    value = made()
    share(value)
    return value


def named(value):
    """Return what stands in the tests."""
    return [test["metadata"]["darkhost"]["probes"] for test in value["tests"]]


def test_each_call_is_written_once():
    """In the order in which tests read them; tests name them."""
    value = shared()

    first, second = value["darkhost"]["probes"]
    assert named(value) == [[first], [first, second]]
    assert value["darkhost"]["probes"] == {first: evidence.probe(1, 1), second: evidence.probe(1, 2)}


def test_spread_again_it_is_what_it_was():
    """But for the list of all calls."""
    value = shared()
    spread(value, "report")
    del value["darkhost"]["probes"]

    assert value == made()


def test_two_calls_of_one_name_are_both_kept():
    """As where a session replays what it has sent: the second stands where it was read."""
    value = made()
    replayed = value["tests"][1]["metadata"]["darkhost"]["probes"][0]
    replayed["mode"] = "replay"
    share(value)

    assert named(value)[1][0] is replayed
    assert value["darkhost"]["probes"][replayed["probe"]]["mode"] == "live"


def test_a_report_is_judged_alike_in_both_forms():
    """Its tests read the same calls."""
    once, often = (report.parse(json.dumps(value).encode(), "report").items for value in (shared(), made()))

    assert [item.probes for item in once] == [item.probes for item in often]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (lambda run, tests: run["probes"].popitem(), "a test names the call 'acme/small-acme/"),
        (lambda run, tests: run.update(probes=[]), "`probes` is no object, expected one of all calls by name"),
        (lambda run, tests: run.pop("probes"), "a test names the call"),
        (lambda run, tests: run["probes"].update(x=None), "the call 'x' is not that of its name, expected each under"),
        (lambda run, tests: run["probes"].update(x={"probe": "y"}), "the call 'x' is not that of its name"),
        (lambda run, tests: tests[0].append("\x1b[2J"), r"a test names the call '\x1b[2J'"),
    ],
)
def test_a_call_that_is_not_there_is_refused(fault, words):
    """Nothing that a test claims to have read may be missing, or stand under the name of another."""
    value = shared()
    fault(value["darkhost"], named(value))

    with pytest.raises(EvidenceError) as refused:
        report.parse(json.dumps(value).encode(), "report")

    assert refused.value.code == "report"
    assert words in str(refused.value)


@pytest.mark.parametrize("value", [{}, {"tests": 1}, {"tests": [1, {"metadata": []}]}, {"darkhost": []}])
def test_what_is_no_report_is_left_to_others(value):
    """They say what it lacks."""
    before = copy.deepcopy(value)
    spread(value, "report")

    assert value == before
