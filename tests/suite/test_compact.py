"""The report of a live run leaves out what only repeats, and has one spelling."""

import json

import orjson

from pytest_darkhost.suite.compact import shorten, spelled

CHECK = {"spec": {"name": "venue_specs/acme.yaml:3"}, "check": "ttft"}


def stage(duration=0.5, **more):
    """Return a stage of a test."""
    return {"duration": duration, "outcome": "passed", **more}


def test_what_was_collected_without_a_fault_is_left_out():
    """What pytest could not collect stays, with its reason."""
    fine = {"nodeid": "", "outcome": "passed", "result": [{"nodeid": "venue_specs", "type": "Dir"}]}
    broken = {"nodeid": "venue_specs/acme.yaml", "outcome": "failed", "result": [], "longrepr": "no spec"}
    mixed, sound = {"collectors": [fine, broken], "tests": []}, {"collectors": [fine], "tests": []}

    shorten(mixed)
    shorten(sound)

    assert mixed == {"collectors": [broken], "tests": []}
    assert sound == {"tests": []}


def test_keywords_stay_where_they_may_mean_something():
    """A team's own test has marks; those of a check are in its id."""
    check = {"nodeid": "a", "keywords": ["a", "live"], "metadata": {"darkhost": CHECK}}
    own = {"nodeid": "b", "keywords": ["b", "slow"], "metadata": {"darkhost": {"check": "test_b"}}}
    other = {"nodeid": "c", "keywords": ["c", "slow"]}

    shorten({"tests": [check, own, other]})

    assert ["keywords" in test for test in (check, own, other)] == [False, True, True]


def test_nothing_else_is_lost():
    """Outcomes, what failed and how, what was printed: all but digits of durations."""
    test = {
        "nodeid": "a",
        "lineno": 3,
        "outcome": "failed",
        "setup": stage(0.00004199),
        "metadata": {"darkhost": CHECK},
    }
    test["call"] = stage(1.23456789, outcome="failed", longrepr="expected 1\n", stdout="x")
    whole = {"duration": 3.14159265, "tests": [test], "summary": {"failed": 1}, "warnings": [{"message": "w"}]}
    expected = json.loads(json.dumps(whole))
    expected["tests"][0]["setup"]["duration"] = 0.0
    expected["tests"][0]["call"]["duration"] = 1.2346

    shorten(whole)

    assert whole == expected


def test_without_tests_there_is_nothing_to_leave_out():
    """As where another plugin has taken them out."""
    report = {"summary": {}}
    shorten(report)

    assert report == {"summary": {}}


def test_the_one_spelling_is_that_of_the_verifiers_library():
    """So that it reads our reports the fast way."""
    report = {
        "tests": [stage(0.0001), stage(12345.6789), stage(0.0)],
        "text": 'é "quoted"\n\x7f\u2028😀',
        "n": [1, -2, None],
    }
    data = spelled(report)

    assert data == orjson.dumps(report)
    assert json.loads(data) == report


def test_half_a_surrogate_pair_is_written_as_json_can():
    """A file name can bring one into a report."""
    assert spelled({"é": "\ud800"}) == b'{"\\u00e9":"\\ud800"}'
