"""The final report takes its place at one stroke, or says why not; a test that was cut off has not passed."""

import errno
import json
import os

import pytest

from pytest_darkhost.suite.report import INTERRUPTED, _correct, _count_anew, draft_path, publish


@pytest.fixture
def place(tmp_path):
    """The place of the report of the run `one`."""
    return tmp_path / "report.json"


def report_of(run_id, **more):
    """Return the text of a report."""
    return json.dumps({"darkhost": {"run_id": run_id, **more}})


@pytest.mark.parametrize("before", [None, report_of("one", truncated=True)], ids=["nothing", "the stub"])
def test_the_report_takes_the_place_of_what_says_truncated(place, before):
    """The draft is gone then."""
    if before:
        place.write_text(before)
    draft_path(place, "one").write_text(report_of("one", truncated=False))

    assert publish(place, "one") == (place, None)
    assert json.loads(place.read_text())["darkhost"]["truncated"] is False
    assert not draft_path(place, "one").exists()


def test_a_draft_that_was_broken_off_goes(place):
    """As on a full disk: what says `truncated` stays, and nothing is left beside it that nobody can read."""
    place.write_text(report_of("one", truncated=True))
    draft_path(place, "one").write_text(report_of("one")[:12])

    _, problem = publish(place, "one")

    assert problem is not None
    assert json.loads(place.read_text())["darkhost"]["truncated"] is True
    assert [each.name for each in place.parent.iterdir()] == [place.name]


@pytest.mark.parametrize("other", [report_of("two"), "{}", "half a rep", "[]"])
def test_what_is_not_this_runs_is_left_alone(place, other):
    """The report of this run stays beside it, and its name is said."""
    place.write_text(other)
    draft_path(place, "one").write_text(report_of("one"))

    where, problem = publish(place, "one")

    assert where == draft_path(place, "one")
    assert "report.json.one" in problem
    assert (place.read_text(), json.loads(where.read_text())["darkhost"]["run_id"]) == (other, "one")


@pytest.mark.parametrize("draft", [None, "half a rep", report_of("two")])
def test_a_draft_that_is_no_report_takes_no_place(place, draft):
    """What says truncated stays."""
    place.write_text(report_of("one", truncated=True))
    if draft:
        draft_path(place, "one").write_text(draft)

    _, problem = publish(place, "one")

    assert problem
    assert json.loads(place.read_text())["darkhost"]["truncated"] is True


def test_a_test_of_which_a_stage_is_missing_has_not_passed():
    """As pytest-json-report would have it; the summary is counted anew."""
    whole = {"outcome": "passed", "setup": {}, "call": {}, "teardown": {}}
    cut, failed = {"outcome": "passed", "setup": {}}, {"outcome": "failed", "setup": {}, "call": {}}
    report = {"tests": [whole, cut, failed], "summary": {"passed": 2, "failed": 1, "total": 3, "collected": 5}}

    for test in report["tests"]:
        _correct(test)
    _count_anew(report)

    assert [test["outcome"] for test in report["tests"]] == ["passed", INTERRUPTED, "failed"]
    assert report["summary"] == {"total": 3, "collected": 5, "passed": 1, INTERRUPTED: 1, "failed": 1}


def test_the_report_is_written_in_its_one_spelling(place):
    """Whatever blanks the report plugin has put into it."""
    draft_path(place, "one").write_text(json.dumps({"darkhost": {"run_id": "one"}, "text": "é"}, indent=1))

    assert publish(place, "one") == (place, None)
    assert place.read_bytes() == '{"darkhost":{"run_id":"one"},"text":"é"}'.encode()


def test_a_spelling_that_somebody_asked_for_stays(place):
    """`--json-report-indent`."""
    text = json.dumps({"darkhost": {"run_id": "one"}}, indent=1)
    draft_path(place, "one").write_text(text)

    assert publish(place, "one", indented=True) == (place, None)
    assert place.read_text() == text


def test_where_there_is_no_room_to_write_it_again_it_stays_as_it_is(place, monkeypatch):
    """A sound report is not risked for its spelling."""
    place.write_text(report_of("one", truncated=True))
    draft_path(place, "one").write_text(report_of("one"))

    def full(descriptor):
        os.ftruncate(descriptor, 7)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)

    assert publish(place, "one") == (place, None)
    assert place.read_text() == report_of("one")
    assert [each.name for each in place.parent.iterdir()] == [place.name]
