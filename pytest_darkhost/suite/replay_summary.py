"""
What a person reads of a replay: a line of what was judged from which cassettes, and what is wrong with these.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from pytest_darkhost.checks.case import Source
from pytest_darkhost.suite.run import Run
from pytest_darkhost.suite.tally import Entry, Tally


def print_replay(reporter: Any, run: Run, tally: Tally, problems: Iterable[str]) -> None:
    """Print what was replayed and from which cassettes, what was not judged, and what is wrong with cassettes."""
    entries, wrong = tally.of(Source.REPLAY), list(problems)
    if not entries and not wrong:
        return
    reporter.section("darkhost replay", "=")
    writer = reporter.config.get_terminal_writer()
    if entries:
        writer.line(_replayed(entries))
    for line in wrong:
        writer.line(run.redactor.clean(line), red=True)


def _replayed(entries: list[Entry]) -> str:
    """Return `24 cassettes (2 recorded, 22 composed): 312 passed, 60 not judged (composed 60)`."""
    labels = {label["name"]: label["origin"] for e in entries if (label := e.cassette)}
    origins = ", ".join(f"{count} {origin}" for origin, count in sorted(Counter(labels.values()).items()))
    verdicts = Counter(str(entry.data.get("verdict", "error")).replace("_", " ") for entry in entries)
    codes = Counter(str(e.data["reason_code"]) for e in entries if e.data.get("reason_code"))
    reasons = ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
    said = ", ".join(f"{count} {word}" for word, count in verdicts.most_common())
    noun = "cassette" if len(labels) == 1 else "cassettes"
    shown = f"{len(labels)} {noun}" + (f" ({origins})" if origins else "")
    return f"{shown}: {said}" + (f" ({reasons})" if reasons else "") + " · nothing was sent"
