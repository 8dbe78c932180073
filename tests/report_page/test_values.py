"""What is made of a report, before it is markup."""

import pytest

from pytest_darkhost.evidence.heads import Heads
from pytest_darkhost.evidence.unfit import CODES
from pytest_darkhost.report_page import page
from pytest_darkhost.report_page.calls import calls_of
from pytest_darkhost.report_page.check_rows import Word, check_rows
from pytest_darkhost.report_page.gathering import Gathering
from pytest_darkhost.report_page.matrix import anchored
from pytest_darkhost.report_page.reasons import MEANINGS
from pytest_darkhost.report_page.reports import Report
from pytest_darkhost.report_page.round_trips import trips_of
from pytest_darkhost.report_page.sources import Belief, Source, read_folder, read_report
from pytest_darkhost.report_page.texts import figure, shown
from pytest_darkhost.report_page.unsigned import lone_entry
from pytest_darkhost.report_page.urls import abreast
from support import evidence, hostile, pages

TARGETS = {"acme": ["small-acme"]}


def one(test, **changes):
    """Return the row of one test."""
    report = evidence.report(1, [test], plan=evidence.plan([test["nodeid"]]), **changes)
    return check_rows(report)[0]


def interrupted(test):
    """Return a test without its last stage."""
    return {key: value for key, value in test.items() if key != "teardown"}


@pytest.mark.parametrize(
    ("test", "changes", "word"),
    [
        (evidence.passed("ttft"), {}, Word.PASSED),
        (evidence.failed("ttft"), {}, Word.FAILED),
        (evidence.passed("ttft", verdict="failed"), {}, Word.WARNED),
        (evidence.skipped("ttft", "not_applicable"), {}, Word.NOT_APPLICABLE),
        (evidence.skipped("ttft", "too_close"), {}, Word.NOT_JUDGED),
        (interrupted(evidence.passed("ttft")), {}, Word.WARNED),
        (evidence.passed("ttft"), {"reruns": [evidence.node_id("ttft")]}, Word.WARNED),
        (evidence.passed("ttft") | {"outcome": "error"}, {}, Word.FAILED),
    ],
)
def test_words_are_those_of_evidence(test, changes, word):
    """A test passed only where evidence says so, whatever its verdict claims."""
    assert one(test, **changes).word is word


def test_what_was_planned_and_not_run_has_a_row():
    """Venue, model and check are read from its id."""
    report = evidence.report(1, [], plan=evidence.plan([evidence.node_id("ttft")]))

    (row,) = check_rows(report)

    assert (row.word, row.venue, row.model, row.check) == (Word.NOT_RUN, "acme", "small-acme", "ttft")
    assert row.command == "pytest -m live 'venue_specs/acme.yaml::small-acme::ttft[live]'"


def test_a_failure_says_where_and_how_to_repeat_it():
    """The line in the YAML, and the command that the run itself gave."""
    rows = check_rows(pages.report(1, {"acme": ["a", "b", "c", "d"]}))

    (failed,) = [row for row in rows if row.check == "base_url_parity" and row.word is Word.FAILED]

    assert failed.place == "venue_specs/acme.yaml:56"
    assert failed.command == "pytest -m live 'venue_specs/acme.yaml::d::base_url_parity[live]'"
    assert failed.expected == "one URL in the spec, the providers row and on the wire"
    assert dict(failed.context)["providers"].endswith("<- base_url already ends in /v1")


def test_what_differs_in_a_url_is_marked():
    """Targets of which all is the same share a row."""
    rows = abreast(check_rows(pages.report(1, {"acme": ["a", "b", "c", "d"]})))

    assert [each.models for each in rows] == [("a", "b", "c"), ("d",)]
    spec, providers, wire = rows[1].named
    assert (spec.other, wire.other) == ("", "")
    assert (providers.same, providers.other, providers.rest) == (
        "https://api.acme.example/v1/",
        "v1/",
        "chat/completions",
    )
    assert providers.note == "base_url already ends in /v1"


def test_the_parts_of_a_call_follow_one_another():
    """They begin where the part before ends, and end with the call."""
    (calls, _) = calls_of(check_rows(pages.report(1, TARGETS)))
    by_name = {call.name: call for call in calls.calls}

    assert [each.name for each in by_name["cold[1]"].phases] == ["DNS", "TCP", "TLS", "send", "wait", "end"]
    assert [each.name for each in by_name["stream[1]"].phases] == ["send", "wait", "tokens", "end"]
    for call in calls.calls:
        ends = [0.0, *(each.end_ms for each in call.phases)]
        assert [each.start_ms for each in call.phases] == ends[:-1]
        assert call.end_ms == ends[-1]


def test_arrivals_of_tokens_come_from_the_figures():
    """The check of the time between tokens keeps them, by probe."""
    report = pages.report(1, TARGETS)
    for test in report["tests"]:
        if test["metadata"]["darkhost"]["check"] == "inter_token_latency":
            test["metadata"]["darkhost"]["figures"]["arrivals_ms"] = {"acme/small-acme/stream[1]": [1.5, None, 2.5]}

    (calls, _) = calls_of(check_rows(report))

    assert {call.name: call.arrivals_ms for call in calls.calls if call.arrivals_ms} == {"stream[1]": (1.5, 2.5)}


@pytest.mark.parametrize("undone", [True, False])
def test_rows_before_after_and_after_the_downgrade(undone):
    """What was not so before is marked; a downgrade that did not run has no values."""
    report = {"tests": [pages.round_trip(undone=undone)]}

    (trip,) = trips_of(anchored(check_rows(report), "r"))

    assert (trip.title, trip.database, trip.target, trip.left_out) == ("0003", "sqlite", "acme/small-acme", 2)
    active, prior, came = trip.columns
    assert [value.text for value in active.values] == ["false", "true", "false" if undone else "not run"]
    assert [value.is_new for value in active.values] == [False, True, False]
    assert [value.text for value in prior.values][:2] == ["NULL", "0.83"]
    assert [value.text for value in came.values] == ["no row", "seq 4", "as after the upgrade"]


def test_texts_are_cut_visibly():
    """How long it was is said, and nothing in it turns or hides letters."""
    assert shown("a" * 1_000_000).endswith("… [cut: 1,000,000 characters]")
    assert len(shown("a" * 1_000_000)) < 500
    assert shown("a\u202eb\x1b[2J\x00\nc\ud800") == "a\\u202eb\\x1b[2J\\x00 c\\ud800"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0.0, "0"), (1234.5, "1,234"), (12.34, "12.3"), (0.000031, "3.1e-05"), (1.7e308, "1.7e+308")],
)
def test_figures_have_three_digits(value, text):
    """Enough to compare, few enough to read."""
    assert figure(value) == text


@pytest.mark.parametrize("instead", [None, True, -1, 1e308, 10**400, "x", [], {}, [None], {"a": [1]}, [[{}]]], ids=repr)
def test_no_report_breaks_the_page(instead):
    """Whatever stands in any place of a report, there is a page of it."""
    for path, value in hostile.changed_everywhere(hostile.small_report(), instead):
        if not isinstance(value, dict) or not isinstance(value.get("tests"), list):
            continue
        tests = [test for test in value["tests"] if isinstance(test, dict)]
        report = Report("report.json", "0" * 64, value | {"tests": tests})
        gathered = Gathering("s1")
        gathered.add(lone_entry(report, b"{}")[0], report.data)
        source = Source("report.json", is_folder=False, belief=Belief.UNSIGNED, facts=(), gathered=gathered)
        assert page.page_of([source], "1").sources[0].told, path


def test_the_newest_run_of_each_venue_is_shown_in_full(tmp_path, key):
    """The others are in the list, and their figures in the plots."""
    folder = tmp_path / "evidence"
    for number, targets in enumerate(({"acme": ["a-acme"]}, {"other": ["a-other"]}, {"acme": ["a-acme"]}), 1):
        evidence.add_run(folder, key, pages.report(number, targets))

    (shown_source,) = page.page_of([read_folder(folder, [key.public], Heads(), "s1")], "1").sources

    assert [told.run.title for told in shown_source.told] == ["line 6", "line 4"]
    assert [each.run.title for each in shown_source.brief] == ["line 2"]
    assert [(run.line, run.anchor) for run in shown_source.listed] == [("6", "s1-r6"), ("4", "s1-r4"), ("2", "s1-r2")]
    assert shown_source.lines == ("2", "4", "6")
    assert [course.target for course in shown_source.courses] == ["acme/a-acme"]
    assert [rivals.targets for rivals in shown_source.rivals] == [("acme/a-acme", "other/a-other")]


def test_one_model_on_two_venues_is_compared(tmp_path):
    """By its logical slug where the report has it, else by the end of its upstream name."""
    report = pages.report(1, {"acme": ["a-acme"], "other": ["a-other"]})
    source = read_report(pages.written(tmp_path / "report.json", report), "s1")

    (shown_source,) = page.page_of([source], "1").sources

    assert [(each.model, each.targets) for each in shown_source.rivals] == [("a", ("acme/a-acme", "other/a-other"))]


def test_every_reason_has_its_meaning():
    """In words, for who has no documentation at hand."""
    assert tuple(MEANINGS) == CODES


def test_a_bundle_cannot_name_a_file_elsewhere(tmp_path, key):
    """Without a key, too, a run is a UUID before its report is looked for."""
    folder = tmp_path / "evidence"
    evidence.add_run(folder, key, pages.report(1, TARGETS))
    said = evidence.statements(folder)
    said[1]["predicate"]["darkhost"]["runId"] = "../../secret"
    evidence.sign_again(folder, key, said)

    source = read_folder(folder, [], Heads(), "s1")

    assert source.belief is Belief.REFUSED
    assert "closes run '../../secret', expected a UUID" in source.facts[0][1]
