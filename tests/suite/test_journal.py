"""What a run leaves of itself while it is at work: a report that says truncated, and the tests that have finished."""

import json
import os
from pathlib import Path

import pytest

from pytest_darkhost.suite.attempts import Attempts
from pytest_darkhost.suite.carrier import PROPERTY
from pytest_darkhost.suite.journal import Journal, journal_path

RECORD = {"run_id": "one", "truncated": False}


def stage(nodeid, when, outcome="passed", properties=()):
    """Return the report of one stage of a test."""
    return pytest.TestReport(
        nodeid,
        ("a.yaml", 1, "a"),
        {},
        outcome,
        None,
        when,
        user_properties=list(properties),  # type: ignore[arg-type]
    )


def finished(nodeid, *properties):
    """Return the reports of a test that passed."""
    return [stage(nodeid, when, properties=properties) for when in ("setup", "call", "teardown")]


@pytest.fixture
def place(tmp_path):
    """The place of a report."""
    return tmp_path / "report.json"


def lines(place):
    """Return what the journal holds."""
    return [json.loads(line) for line in journal_path(place).read_text().splitlines()]


def test_the_report_says_truncated_from_the_start(place):
    """With what is known of the run, and where the journal is."""
    Journal(place, RECORD).close(remove=False)

    stub = json.loads(place.read_text())
    assert stub == {"darkhost": {"run_id": "one", "truncated": True, "journal": "report.json.journal"}, "tests": []}
    assert lines(place) == [stub["darkhost"]]


def test_a_test_is_written_when_its_last_stage_is_over(place):
    """Its stages and its object, as JSON on one line, in the file at once."""
    journal = Journal(place, RECORD)
    for report in finished("a::b[live]", (PROPERTY, '{"verdict": "passed"}'), ("other", 1)):
        assert len(lines(place)) == 1
        journal.add(report)
    for report in finished("own.py::test_own"):
        journal.add(report)
    journal.close(remove=False)

    stages = {"setup": "passed", "call": "passed", "teardown": "passed"}
    assert lines(place)[1:] == [
        {"nodeid": "a::b[live]", "stages": stages, "darkhost": {"verdict": "passed"}},
        {"nodeid": "own.py::test_own", "stages": stages, "darkhost": None},
    ]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full is Linux's")
def test_a_full_disk_ends_no_run_and_is_remembered(place, monkeypatch):
    """The tests go on; what was not written is said."""
    journal = Journal(place, RECORD)
    descriptor = os.open("/dev/full", os.O_WRONLY)
    os.dup2(descriptor, journal._file.fileno())
    os.close(descriptor)
    for report in finished("a::b[live]"):
        journal.add(report)

    assert journal.problem == f"{journal_path(place)}: No space left on device"
    journal.close(remove=True)


def test_the_journal_goes_with_the_final_report(place):
    """Or stays, when there is none; closing twice is no mistake."""
    journal = Journal(place, RECORD)
    journal.close(remove=False)
    assert journal_path(place).exists()

    journal.close(remove=True)
    journal.close(remove=True)
    assert not journal_path(place).exists()


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    """Raised before anything is sent."""
    with pytest.raises(OSError, match="No such file"):
        Journal(tmp_path / "absent/report.json", RECORD)


def test_a_rerun_is_no_duplicate_and_a_duplicate_no_rerun():
    """Two tests of one id are told from one that was tried again."""
    attempts = Attempts()
    for report in (*finished("a"), *finished("b"), *finished("b")):
        attempts.add(report)
    for report in (stage("c", "setup"), stage("c", "call", "rerun"), *finished("c")):
        attempts.add(report)

    assert attempts.reruns == ["c"]
    assert attempts.duplicates == ["b"]
