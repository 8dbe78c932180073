"""What is printed fits where it is printed: narrow, dumb, colourless and no terminals, and names of any kind."""

import pytest

from support.terminal import on_a_terminal


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("NO_COLOR", "1")])
def test_no_colour_where_none_is_wanted(project, monkeypatch, name, value):
    """A terminal that cannot, or shall not, show colours gets none."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    project.venue()
    text = on_a_terminal("-m", "live", "--venue=acme", "-k", "latency_warm or chat_shape")

    assert "2 passed" in text
    assert "\x1b[3" not in text


def test_a_dumb_terminal_gets_no_codes_at_all(project, monkeypatch):
    """Not even those of the line of progress."""
    monkeypatch.setenv("TERM", "dumb")
    project.venue(delay_ms=350)

    assert "\x1b" not in on_a_terminal("-m", "live", "--venue=acme", "-k", "latency_warm")


def test_quiet_is_quiet(project, monkeypatch):
    """Under `-q` there is no progress, and the verdict of each target is said none the less."""
    monkeypatch.setenv("TERM", "xterm")
    project.venue(delay_ms=350)
    text = on_a_terminal("-q", "-m", "live", "--venue=acme", "-k", "latency_warm")

    assert "in flight" not in text
    assert "passed" in text


def test_forty_columns_are_enough(project, monkeypatch):
    """The table becomes lines that fit; nothing of it is lost."""
    monkeypatch.setenv("COLUMNS", "40")
    project.venue()
    lines = project.run("-m", "live").outlines
    start = lines.index("plain-1-acme")

    assert lines[start + 1].startswith("  cold: ")
    assert any(line.startswith("  verdict: passed") for line in lines[start:])
    assert max(len(line) for line in lines[start : start + 6]) <= 40


def test_names_with_blanks_and_umlauts(project):
    """A directory of specs may be called anything, and what is to be typed again is quoted."""
    project.venue()
    place = project.path / "meine Häuser"
    project.specs.rename(place)
    project.ini('darkhost_specs = "meine Häuser"')
    text = (place / "acme.yaml").read_text(encoding="utf-8")
    assert "ttft_ms: 5000" in text
    (place / "acme.yaml").write_text(text.replace("ttft_ms: 5000", "ttft_ms: 0.001"), encoding="utf-8")
    result = project.run("-m", "live", "--venue=acme", "-k", "ttft")

    assert result.ret == 1
    assert "again: pytest -m live 'meine Häuser/acme.yaml::plain-1-acme::ttft[live]'" in result.stdout.str()
