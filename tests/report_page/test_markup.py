"""The page as markup: what it may hold, what a reader's tools need, and how much of it there is."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pytest_darkhost.report_page.calls import Call, Phase
from pytest_darkhost.report_page.charts.waterfall import waterfall
from pytest_darkhost.report_page.drawing import drawn, plot
from pytest_darkhost.report_page.gathering import Gathering
from pytest_darkhost.report_page.page import MOST_PLOTS, page_of
from pytest_darkhost.report_page.rendering import rendered
from pytest_darkhost.report_page.reports import Report
from pytest_darkhost.report_page.runs import MOST_ROWS
from pytest_darkhost.report_page.sources import Belief, Source, read_report
from pytest_darkhost.report_page.texts import name
from pytest_darkhost.report_page.unsigned import lone_entry
from support import pages
from support.hostile import ATTACKS, hostile_report

LARGEST = 1_500_000


class Markup(HTMLParser):
    """All elements of a page."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Keep it."""
        self.elements.append((tag, dict(attrs)))

    def all(self, tag):
        """Return the attributes of all elements of a name."""
        return [attributes for name, attributes in self.elements if name == tag]


def page_of_report(tmp_path, value):
    """Return the page of a report."""
    return rendered(page_of([read_report(pages.written(tmp_path / "report.json", value), "s1")], "1"))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """The page of a report in which every text is an attack."""
    return page_of_report(tmp_path_factory.mktemp("hostile"), hostile_report())


def page_of_runs(targets, runs):
    """Return the page of so many targets, with so many runs in the chain."""
    gathered, targets = Gathering("s1"), pages.targets_of(targets)
    for number in range(1, runs + 1):
        report = pages.report(number, targets)
        lone = Report("report.json", "0" * 64, report)
        gathered.add(replace(lone_entry(lone, json.dumps(report).encode())[0], line=2 * number), report)
    source = Source("evidence", is_folder=True, belief=Belief.VERIFIED, facts=(), gathered=gathered)
    return rendered(page_of([source], "1"))


def assert_each_id_is_there_once(markup):
    """And every link leads to one of them."""
    ids = [each["id"] for _, each in markup.elements if "id" in each]
    assert len(ids) == len(set(ids))
    assert {each["href"][1:] for each in markup.all("a")} <= set(ids)


@pytest.fixture(scope="module")
def usual():
    """The page of four targets, with three runs in the chain."""
    return page_of_runs(4, 3)


def test_attacks_are_text(hostile):
    """No script, frame, image, event or style of an element, and no link that leads out of the page."""
    markup = Markup(hostile)

    assert {tag for tag, _ in markup.elements} & {"script", "iframe", "img", "object", "embed", "link", "form"} == set()
    for tag, attributes in markup.elements:
        assert not [name for name in attributes if name.startswith("on") or name in {"style", "src", "srcdoc"}], tag
    assert {each.get("href", "#")[0] for each in markup.all("a")} == {"#"}
    assert "&lt;/script&gt;&lt;script&gt;window.owned=1" in hostile
    assert "{{ 7*7 }}" in hostile
    assert [each for each in hostile if each != "\n" and not each.isprintable()] == []


def test_the_policy_lets_nothing_in(hostile):
    """Whatever came through would not run: there is one style, known by its digest, and nothing else."""
    policies = [each["content"] for each in Markup(hostile).all("meta") if "http-equiv" in each]

    assert len(policies) == 1
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'", policies[0]
    )
    assert "url(" not in re.search("<style>(.*?)</style>", hostile, re.DOTALL)[1]


@pytest.mark.parametrize("attack", ATTACKS)
def test_labels_of_plots_are_text(attack):
    """A name of a call is drawn as it is, and nothing of it becomes an element."""
    label = name(attack)
    call = Call(label, "200", (Phase("wait", 0, 5),), (1.0,), "", "", "")

    svg = drawn(waterfall([call], 5), label)

    assert {tag for tag, _ in Markup(svg).elements} <= {"svg", "g", "path", "line", "text"}
    assert Markup(svg).all("svg")[0]["aria-label"] == label


def test_a_drawing_with_anything_else_is_refused():
    """Should Vega ever put in an image or a link, there is a sentence in its place."""
    spec = {
        "data": {"values": [{"u": "https://owned.example/a.png"}]},
        "mark": {"type": "text"},
        "encoding": {"href": {"field": "u"}, "text": {"field": "u"}},
    }
    with pytest.raises(ValueError, match="expected"):
        drawn(spec, "a plot")
    assert plot(spec, "a plot").startswith("This plot could not be drawn: a plot with the ")


def test_a_text_of_a_megabyte_is_cut(tmp_path):
    """The page says how long it was."""
    report = pages.report(1, {"acme": ["small-acme"]})
    for test in report["tests"]:
        test["metadata"]["darkhost"] |= {"actual": "a" * 1_000_000, "model": "m" * 1_000_000}

    text = page_of_report(tmp_path, report)

    assert len(text) < 200_000
    assert "[cut: 1,000,000 characters]" in text


def test_a_large_page_is_small():
    """Twenty targets, twenty checks, thirty runs: under 1.5 MB. What leads somewhere leads to one place."""
    large = page_of_runs(20, 30)
    assert 100_000 < len(large.encode()) < LARGEST
    markup = Markup(large)
    assert len(markup.all("figure")) > 40
    assert_each_id_is_there_once(markup)


def test_a_page_of_far_too_much_is_bounded():
    """Checks that did not pass come first, and what is left out is counted; every link leads somewhere all the same."""
    gathered = Gathering("s1")
    report = pages.report(1, pages.targets_of(90))
    gathered.add(lone_entry(Report("report.json", "0" * 64, report), b"{}")[0], report)
    source = Source("report.json", is_folder=False, belief=Belief.UNSIGNED, facts=(), gathered=gathered)
    page = page_of([source], "1")
    (told,) = page.sources[0].told

    assert (len(told.run.rows), told.run.left_out) == (MOST_ROWS, len(report["tests"]) - MOST_ROWS)
    assert len(told.failed) == told.run.counts["failed"] > 0
    assert (len(told.calls), told.calls_left_out > 0) == (MOST_PLOTS, True)
    assert page.sources[0].rivals_left_out == 45 - MOST_PLOTS


def test_readers_find_their_way(usual):
    """Landmarks, one heading of the first order, headers with scope, names of plots and of what scrolls, ids once."""
    markup = Markup(usual)

    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert len(markup.all(landmark)) == 1
    assert {each.get("scope") for each in markup.all("th")} == {"col", "row"}
    assert all(each["role"] == "img" and each["aria-label"] for each in markup.all("svg"))
    scrolling = [each for tag, each in markup.elements if each.get("role") == "region"]
    assert all(
        each["tabindex"] == "0" and (each.get("aria-label") or each.get("aria-labelledby")) for each in scrolling
    )
    assert_each_id_is_there_once(markup)
    assert usual.count("<table") == usual.count("<caption")


def test_a_verdict_is_a_word(usual):
    """Not a colour: each cell says it, and its reason is both in the tip and in the row that it leads to."""
    cells = re.findall(r'<a class="word ([\w-]+)" href="#([\w-]+)" title="([^"]*)">([\w ]+)</a>', usual)

    assert {word for _, _, _, word in cells} == {"passed", "failed", "not judged", "not applicable"}
    assert all(kind == word.replace(" ", "-") for kind, _, _, word in cells)
    for _, anchor, reason, _ in cells[:60]:
        start = usual.index(f'id="{anchor}"')
        assert reason in usual[start : start + 2000]
