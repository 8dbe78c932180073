"""
The schema path as a project's settings have it: which, by whom, when. Recorded, and never assumed.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pytest_darkhost.commands.activate.gate import Problem
from pytest_darkhost.migrations.activations.gates import SchemaPath
from pytest_darkhost.near import hint
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.suite.activation_options import AUTHORISED_PATH

EXAMPLE = "A by alice@example.org on 2026-11-20"
_FORM = re.compile(
    r"(?P<path>\S+)(?: for (?P<scope>\S+))? by (?P<who>\S(?:.{0,98}\S)?) on (?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
)
_TO_DO = f"have it decided (docs/paths.md), and say so in the ini file: {AUTHORISED_PATH} = {EXAMPLE}"


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Who decided what."""

    path: SchemaPath
    scope: str
    """A venue, or `venue/slug`; empty for all targets."""
    who: str
    day: date

    def __str__(self) -> str:
        scope = f" for {self.scope}" if self.scope else ""
        return f"path {self.path}{scope}, authorised by {self.who} on {self.day}"


def authorisation_of(lines: Sequence[str], target: str, known: Collection[str], today: date) -> Authorisation | Problem:
    """
    Return what holds for a target, or why nothing does that can be gone by: one line that is wrong spoils all.

    :param lines: of the ini value.
    :param target: `venue/slug`.
    :param known: all venues and targets.
    """
    by_scope = authorisations(lines, known, today)
    if isinstance(by_scope, Problem):
        return by_scope
    venue = target.partition("/")[0]
    found = next((by_scope[scope] for scope in (target, venue, "") if scope in by_scope), None)
    return found or _problem(f"no schema path is authorised for {target}, expected A, B or C with who and when")


def scopes_of(venues: Iterable[VenueSpec]) -> frozenset[str]:
    """Return what a decision can be limited to: all venues and targets."""
    return frozenset(scope for venue in venues for scope in (venue.venue, *(target.id for target in venue.targets)))


def authorisations(lines: Sequence[str], known: Collection[str], today: date) -> dict[str, Authorisation] | Problem:
    """Return what the lines of the ini value decide, by scope, or what is wrong with the first that is."""
    by_scope: dict[str, Authorisation] = {}
    for line in filter(None, map(str.strip, lines)):
        read = _read(line, today)
        if isinstance(read, Problem):
            return read
        if read.scope and read.scope not in known:
            what = f"{AUTHORISED_PATH}: {read.scope!r:.80} is no venue and no target of the specs"
            return _problem(f"{what}{hint(read.scope, known)}")
        other = by_scope.setdefault(read.scope, read)
        if other is not read:
            return _problem(f"{AUTHORISED_PATH} says both {str(other)!r} and {str(read)!r}, expected one of them")
    return by_scope


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
    return Authorisation(SchemaPath(found["path"]), found["scope"] or "", found["who"], day)


def _problem(text: str) -> Problem:
    return Problem(text, _TO_DO)
