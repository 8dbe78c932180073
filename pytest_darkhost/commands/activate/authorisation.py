"""
The schema path as a project's settings have it: which, by whom, when. Recorded, and never assumed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pytest_darkhost.commands.activate.gate import Problem
from pytest_darkhost.migrations.activations.gates import SchemaPath
from pytest_darkhost.suite.activation_options import AUTHORISED_PATH

EXAMPLE = "A by alice@example.org on 2026-11-20"
_FORM = re.compile(r"(?P<path>\S+) by (?P<who>\S(?:.{0,98}\S)?) on (?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})")
_TO_DO = f"have it decided (docs/paths.md), and say so in the ini file: {AUTHORISED_PATH} = {EXAMPLE}"


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Who decided what."""

    path: SchemaPath
    who: str
    day: date

    def __str__(self) -> str:
        return f"path {self.path}, authorised by {self.who} on {self.day}"


def authorisation_of(lines: Sequence[str], today: date) -> Authorisation | Problem:
    """Return what the lines of the ini value say, or why they say nothing that can be gone by."""
    said = [line.strip() for line in lines if line.strip()]
    if not said:
        return _problem("no schema path is authorised, expected A, B or C with who and when")
    if len(said) > 1:
        return _problem(f"{AUTHORISED_PATH} has {len(said)} lines, {' and '.join(map(repr, said))}, expected one")
    return _read(said[0], today)


def _read(text: str, today: date) -> Authorisation | Problem:
    found = _FORM.fullmatch(text)
    if found is None or not text.isprintable():
        return _problem(f"{AUTHORISED_PATH}: {text!r:.120} does not say which path, who and when")
    if found["path"] not in set(SchemaPath):
        return _problem(f"{AUTHORISED_PATH}: {found['path']!r:.40} is no path, expected one of {', '.join(SchemaPath)}")
    try:
        day = date.fromisoformat(found["day"])
    except ValueError:
        return _problem(f"{AUTHORISED_PATH}: {found['day']} is no date, expected a day such as {today}")
    if day > today:
        return _problem(f"{AUTHORISED_PATH}: {day} is to come, expected a day that has been: today is {today}")
    return Authorisation(SchemaPath(found["path"]), found["who"], day)


def _problem(text: str) -> Problem:
    return Problem(text, _TO_DO)
