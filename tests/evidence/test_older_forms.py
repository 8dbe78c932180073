"""Reports in other spellings, and with more in them than live runs write, are read and verified as ever."""

import copy
import json

import pytest

from pytest_darkhost.evidence import report, strict_json
from pytest_darkhost.evidence.bundle import Bundle
from pytest_darkhost.suite.shared_calls import share
from support import evidence


def large(value):
    """Return a report as pytest-json-report has it whole, with each call in the tests that read it."""
    value = copy.deepcopy(value)
    ids = [test["nodeid"] for test in value["tests"]]
    results = [{"nodeid": each, "type": "CheckItem", "lineno": 3, "deselected": True} for each in ids]
    value["collectors"] = [{"nodeid": "", "outcome": "passed", "result": results}]
    for test in value["tests"]:
        test["keywords"] = [test["nodeid"], "live", ""]
        test["setup"]["duration"] = 4.144199920119718e-05
    return value


def shared(value):
    """Return a report as live runs write it."""
    value = copy.deepcopy(value)
    share(value)
    return value


FORMS = {
    "as it is written": lambda value: evidence.spelled(shared(value)),
    "with blanks": lambda value: json.dumps(shared(value)).encode(),
    "indented": lambda value: json.dumps(shared(value), indent=2, ensure_ascii=False).encode(),
    "large": lambda value: json.dumps(large(value)).encode(),
    "large, each call once": lambda value: json.dumps(large(shared(value))).encode(),
    "large, without blanks": lambda value: evidence.spelled(large(value)),
}


def added(folder, key, data, value):
    """Sign a run with these bytes for a report; return the row of it."""
    folder.parent.mkdir(exist_ok=True)
    path = folder.parent / "report.json"
    path.write_bytes(data)
    with Bundle.open(folder, key, clock=evidence.Clock()) as bundle:
        bundle.open_run(value["darkhost"])
        bundle.close_run(path, cassette_ids={})
    (entry,) = evidence.verify(folder, key.public)
    return entry


@pytest.fixture(scope="module")
def value():
    """A report of three tests that passed, one whose reason is no ASCII, and one that was not planned."""
    probes = [evidence.probe(1, number) for number in (1, 2)]
    tests = [evidence.passed(check, probes[0], probes[1]) for check in evidence.CHECKS]
    tests.append(evidence.passed("prix", probes[0], verdict="not_judged", reason_code="too_close", actual="à 3 % près"))
    ids = [test["nodeid"] for test in tests]
    return evidence.report(1, tests, plan=evidence.plan(ids[:3]))


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_signed_and_verified_alike(tmp_path, key, value, form):
    """The row says the same of each."""
    entry = added(tmp_path / "evidence", key, FORMS[form](value), value)

    assert entry == added(tmp_path / "again" / "evidence", key, FORMS["as it is written"](value), value)
    assert (entry.result, entry.unfit, entry.counts["planned"]) == ("PASSED", (), 3)


@pytest.mark.parametrize("form", FORMS)
def test_each_form_holds_the_same_tests(value, form, monkeypatch):
    """What they say, and the calls that they read; by either way of reading."""
    data = FORMS[form](value)
    expected = report.parse(FORMS["as it is written"](value), "report").items
    read = report.parse(data, "report").items
    monkeypatch.setattr(strict_json, "_library", lambda: json)  # writes each text otherwise than it is

    assert read == report.parse(data, "report").items
    assert [(item.node_id, item.outcome, item.probes) for item in read] == [
        (item.node_id, item.outcome, item.probes) for item in expected
    ]
