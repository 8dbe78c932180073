"""The page in a real browser: it asks for nothing, complains of nothing, and works with keys, themes and a phone."""

import pytest

from pytest_darkhost.__main__ import main
from support import pages
from support.hostile import hostile_report

RATIO = """
const luminance = (text) => {
  const parts = text.match(/[\\d.]+/g).slice(0, 3).map((part) => {
    const value = part / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
};
const ground = (element) => {
  for (let each = element; each; each = each.parentElement) {
    const colour = getComputedStyle(each).backgroundColor;
    if (colour !== "rgba(0, 0, 0, 0)") return colour;
  }
};
const ratio = (...colours) => {
  const pair = colours.map(luminance).sort((one, other) => other - one);
  return (pair[0] + 0.05) / (pair[1] + 0.05);
};
"""
CONTRAST = f"""{RATIO}
const found = new Set();
for (const element of document.querySelectorAll("body *")) {{
  if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
  const style = getComputedStyle(element);
  const colour = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
  if (ratio(colour, ground(element)) < 4.5) found.add(`${{element.tagName}}.${{element.className}} ${{colour}}`);
}}
return [...found];
"""
BARS = f"""{RATIO}
const keys = [...document.querySelectorAll(".key")];
return keys.filter((key) => ratio(getComputedStyle(key).backgroundColor, ground(document.body)) < 3)
  .map((key) => key.className);
"""
KINDS = ["mark", ".failure", ".note", ".belief.refused", ".belief.not-signed", ".word.not-run", ".rows", ".key"]


@pytest.fixture(scope="module")
def page(tmp_path_factory, key):
    """A page with all that there can be on one: verdicts of each word, rows of a round trip, refused evidence."""
    place = tmp_path_factory.mktemp("page")
    value = pages.report(1, {"acme": ["a-acme", "b-acme", "c-acme", "d-acme"], "other": ["a-other"]})
    value["tests"] = [*value["tests"][1:], pages.round_trip()]
    report, made = pages.written(place / "all.json", value), place / "page.html"
    folder = pages.folder_of(place / "evidence", key, 2, {"acme": ["a-acme"]})
    (folder / "reports/extra.json").write_text("{}")
    assert main(["report", str(report), str(folder), "-o", str(made), "--key", str(key.path.with_suffix(".pub"))]) == 1
    return made


def test_nothing_is_asked_for_and_nothing_is_complained_of(browser, page):
    """One request, for the file itself; the policy lets its own style in; the plots are drawn."""
    browser.open(page)

    assert browser.asked() == [page.as_uri()]
    assert browser.complaints() == []
    assert browser.run("return getComputedStyle(document.querySelector('table')).borderCollapse") == "collapse"
    assert browser.run("return document.querySelectorAll('figure svg path').length") > 20


def test_the_theme_follows_the_system(browser, page):
    """Light and dark differ, plots with them; text and bars have the contrast of WCAG AA (1.4.3, 1.4.11) in both."""
    look = "return [document.documentElement, document.querySelector('svg text')].map((each, at) => "
    look += "getComputedStyle(each)[at ? 'fill' : 'backgroundColor'])"
    seen = {}
    for scheme in ("light", "dark"):
        browser.open(page, scheme=scheme)
        browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        seen[scheme] = browser.run(look)
        assert browser.run(f"return {KINDS}.filter((each) => !document.querySelector(each))") == []
        assert browser.run(CONTRAST) == []
        assert browser.run(BARS) == []
    assert seen["light"][0] != seen["dark"][0]
    assert seen["light"][1] != seen["dark"][1]


@pytest.mark.parametrize("width", [360, 800])
def test_a_narrow_screen_scrolls_in_one_direction(browser, page, width):
    """Wide tables scroll within themselves; the page does not."""
    browser.open(page, width=width)

    assert browser.run("return document.documentElement.scrollWidth") <= width


def test_keys_lead_to_every_detail(browser, page):
    """The first Tab offers to skip, a verdict is a link that opens what was seen, and the focus can be seen."""
    from selenium.webdriver.common.keys import Keys

    browser.open(page)
    browser.press(Keys.TAB)
    assert browser.run("return document.activeElement.textContent") == "Skip to the content"
    browser.run("document.querySelector('.matrix a.passed').focus()")
    browser.press(Keys.TAB, Keys.SHIFT, Keys.TAB, Keys.SHIFT)
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press(Keys.ENTER)
    opened = browser.run(
        "const row = document.querySelector(':target'); return [row.closest('details').open, row.innerText]"
    )
    assert opened[0]
    assert "as expected" in opened[1]


def test_hostile_content_is_only_text(browser, tmp_path):
    """Names, errors, URLs and labels of plots that attack the page run nothing and load nothing."""
    report = pages.written(tmp_path / "report.json", hostile_report())
    assert main(["report", str(report), "-o", str(tmp_path / "page.html")]) == 1  # its run has no id of ours

    browser.open(tmp_path / "page.html")

    assert browser.run("return [window.owned, document.title.includes('owned')]") == [None, False]
    assert browser.asked() == [(tmp_path / "page.html").as_uri()]
    assert browser.complaints() == []
    assert (
        browser.run("return document.querySelectorAll('script, img, iframe, object, [onload], [onerror]').length") == 0
    )
    assert browser.run("return document.body.innerText.includes('owned=1')")
