"""On a terminal, a line under the current one shows what is in flight and what was spent."""

import re
from decimal import Decimal

import pytest

from pytest_darkhost.runner.broker import Status
from pytest_darkhost.suite.progress import status_line
from support.terminal import on_a_terminal

FLYING = ("together/gpt/stream[1]", "groq/a/cold[1]", "xai/b/warm[1]", "xai/c/warm[2]")
STATUS = Status(
    {"together": 12, "groq": 9}, {"together": 15, "groq": 9, "xai": 5}, FLYING, Decimal("0.00431"), Decimal("0.05")
)


def test_the_line_shows_calls_venues_flights_and_money():
    """A bar, all calls and those of each venue that is not done, the first in flight, what was spent of the cap."""
    assert status_line(STATUS, 200) == (
        "███████████░░░░  21/29 calls · together 12/15, xai 0/5"
        " · in flight together/gpt/stream[1], groq/a/cold[1], xai/b/warm[1] and 1 more · spent $0.0043 of $0.05"
    )


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (130, "calls · together 12/15, xai 0/5 · in flight together/gpt/stream[1] and 3 more · spent $0.0043 of $0.05"),
        (99, "21/29 calls · in flight together/gpt/stream[1] and 3 more · spent $0.0043 of $0.05"),
        (59, "███████████░░░░  21/29 calls · spent $0.0043 of $0.05"),
        (39, "21/29 calls · spent $0.0043 of $0.05"),
        (20, "21/29 calls · spent "),
    ],
)
def test_a_narrow_terminal_gets_less_and_never_a_second_line(columns, words):
    """What was spent is the last to go."""
    line = status_line(STATUS, columns)

    assert line.endswith(words)
    assert len(line) <= columns


def test_one_venue_is_not_counted_twice_and_no_cap_is_none():
    """All calls are its calls. Nothing divides by nothing."""
    one = Status({"groq": 1}, {"groq": 2}, (), Decimal(0))

    assert status_line(one, 120) == "████████░░░░░░░  1/2 calls · in flight - · spent $0.0000"
    assert "0/0 calls · in flight - · spent $0.0000" in status_line(Status({}, {}, (), Decimal(0)), 120)


@pytest.fixture(autouse=True)
def terminal(monkeypatch):
    """A terminal that can be drawn on, of nobody's CI."""
    monkeypatch.setenv("TERM", "xterm")
    for name in ("CI", "BUILD_NUMBER", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def lines_of(text):
    """Return the texts that were drawn under the current line."""
    return [line for line in re.findall(r"\x1b\[2K([^\x1b]*)\x1b\[1A", text) if line]


@pytest.mark.parametrize("columns", [120, 40])
def test_a_terminal_shows_progress_while_waiting(project, columns):
    """A slow venue's calls are seen while they are in flight, in one line, and the line is gone at the end."""
    project.venue(delay_ms=350)

    text = on_a_terminal("-m", "live", "--venue=acme", "-k", "latency_warm", columns=columns)

    drawn = lines_of(text)
    assert drawn
    assert max(map(len, drawn)) < columns
    assert any("in flight acme/plain-1-acme/" in line for line in drawn) == (columns == 120)
    assert all(" of $" in line for line in drawn)
    assert re.findall(r"\x1b\[2K([^\x1b]*)\x1b\[1A", text)[-1] == ""
    assert "1 passed" in text


@pytest.mark.parametrize("name", ["CI", "BUILD_NUMBER"])
def test_a_log_of_ci_is_not_drawn_on(project, monkeypatch, name):
    """Some services give their jobs a terminal; what they keep is a log."""
    monkeypatch.setenv(name, "1")
    project.venue(delay_ms=350)

    assert lines_of(on_a_terminal("-m", "live", "--venue=acme", "-k", "latency_warm")) == []


def test_without_a_terminal_no_codes_are_written(project):
    """A log file of CI has no cursor movements."""
    project.venue(delay_ms=250)

    assert "\x1b[" not in project.run("-m", "live", "--venue=acme", "-k", "latency_cold").stdout.str()
