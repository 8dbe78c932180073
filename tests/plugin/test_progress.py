"""On a terminal, a line under the current one shows what is in flight and what was spent."""

import os
import pty
import sys
from decimal import Decimal

from pytest_darkhost.runner.broker import Status
from pytest_darkhost.suite.progress import status_line


def test_the_line_shows_calls_flights_and_money():
    """A bar, the number of calls, the first ones in flight, and what was spent."""
    flying = ("together/gpt/stream[1]", "groq/a/cold[1]", "xai/b/warm[1]", "xai/c/warm[2]")
    status = Status(21, 29, flying, Decimal("0.00431"))

    line = status_line(status)

    assert "21/29 calls · in flight together/gpt/stream[1], groq/a/cold[1], xai/b/warm[1] and 1 more" in line
    assert line.endswith("· spent $0.0043")
    assert line.count("█") == 11


def test_an_empty_plan_has_a_line_too():
    """Nothing divides by nothing."""
    assert "0/0 calls · in flight - · spent $0.0000" in status_line(Status(0, 0, (), Decimal(0)))


def run_on_a_terminal(*arguments):
    """Run pytest on a pseudo-terminal; return what it wrote."""
    output = []

    def read(descriptor):
        data = os.read(descriptor, 65536)
        output.append(data)
        return data

    saved = os.dup(1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    try:
        pty.spawn([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments], read)
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        os.close(null)
    return b"".join(output).decode()


def test_a_terminal_shows_progress_while_waiting(project, monkeypatch):
    """A slow venue's calls are seen while they are in flight, and the line is gone at the end."""
    monkeypatch.setenv("TERM", "xterm")
    project.venue(delay_ms=350)

    text = run_on_a_terminal("-m", "live", "--venue=acme", "-k", "latency_warm")

    assert "in flight acme/plain-1-acme/" in text
    assert "\x1b[2K\x1b[1A" in text
    assert "1 passed" in text


def test_without_a_terminal_no_codes_are_written(project):
    """A log file of CI has no cursor movements."""
    project.venue(delay_ms=250)

    assert "\x1b[" not in project.run("-m", "live", "--venue=acme", "-k", "latency_cold").stdout.str()
