"""
One check of a report as a row of the page, whatever a stranger wrote into the report.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pytest_darkhost.evidence.items import outcome_of, said_of
from pytest_darkhost.report_page.texts import LONGEST, mapping, name, shown, texts

_PLACE = re.compile(r"(\S[^\n]{0,300}?:\d+): ")
_AGAIN = "again: "
_MOST_CONTEXT = 12
_LONG = 2000
"""Characters of a command, and of a fact that explains a failure."""
_STAGES = ("setup", "call", "teardown")


class Word(StrEnum):
    """What became of a check, in the order in which a reader wants to know."""

    FAILED = "failed"
    WARNED = "warned"
    NOT_JUDGED = "not judged"
    NOT_RUN = "not run"
    PASSED = "passed"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """A check that was planned, or run."""

    node_id: str
    """Whole, as the report has it: only what is made of it is shown."""
    check: str
    venue: str
    model: str
    """Empty for a check of the venue."""
    word: Word
    source: str = ""
    mode: str = ""
    reason: str = ""
    """Why it was not judged, or what was seen."""
    expected: str = ""
    context: tuple[tuple[str, str], ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    place: str = ""
    """File and line of what was judged."""
    command: str = ""
    """That repeats it."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The `darkhost` object."""

    @property
    def subject(self) -> str:
        """What was judged: a target, a venue, or a revision on a database."""
        if not self.is_migration:
            return f"{self.venue}/{self.model}" if self.model else self.venue
        database, revision = (name(self.data.get(each)) for each in ("database", "revision"))
        words = f"revision {revision}" if revision else name(self.data.get("history"))
        return f"{words} on {database}" if database else words

    @property
    def is_migration(self) -> bool:
        """Whether it judged a revision."""
        return self.source == "migration"


def check_rows(report: Mapping[str, Any]) -> tuple[CheckRow, ...]:
    """Return what darkhost judged in a report, and what it planned and did not run."""
    run = mapping(report.get("darkhost"))
    planned, again = texts(mapping(run.get("plan")).get("ids")), frozenset(texts(run.get("reruns")))
    return tuple(_rows(report["tests"], planned, again))


def _rows(tests: list[Mapping[str, Any]], planned: list[str], again: frozenset[str]) -> Iterator[CheckRow]:
    wanted = frozenset(planned)
    seen = set()
    for test in tests:
        node_id = str(test.get("nodeid"))
        seen.add(node_id)
        if said_of(test) or node_id in wanted:
            yield _row(test, node_id, again=node_id in again)
    for node_id in planned:
        if node_id not in seen:
            yield _not_run(node_id)


def _row(test: Mapping[str, Any], node_id: str, *, again: bool) -> CheckRow:
    data = said_of(test)
    venue, model, check = _named(node_id)
    said = _said(test)
    return CheckRow(
        node_id=node_id,
        check=name(data.get("check")) or check,
        venue=name(data.get("venue")) if data else venue,
        model=name(data.get("model")) if data else model,
        word=_word(test, data, again=again),
        source=name(data.get("source")),
        mode=name(data.get("mode")),
        reason=_reason(data, said),
        expected=shown(data.get("expected")),
        context=_context(data.get("context")),
        figures=mapping(data.get("figures")),
        place=_place(data, said),
        command=_command(node_id, said, live=data.get("source") == "live"),
        data=data,
    )


def _not_run(node_id: str) -> CheckRow:
    venue, model, check = _named(node_id)
    command = _command(node_id, "", live=True)
    reason = "planned, and not run"
    return CheckRow(
        node_id=node_id, check=check, venue=venue, model=model, word=Word.NOT_RUN, reason=reason, command=command
    )


def _named(node_id: str) -> tuple[str, str, str]:
    """Return venue, model and check as `venue_specs/acme.yaml::small-acme::ttft[live]` has them."""
    file, *parts = node_id.split("::")
    venue = file.rpartition("/")[2].partition(".")[0]
    check = parts[-1].partition("[")[0] if parts else ""
    return name(venue), name("::".join(parts[:-1])), name(check)


def _word(test: Mapping[str, Any], data: Mapping[str, Any], *, again: bool) -> Word:
    found = outcome_of(test, data, again=again)
    if found != "warned":
        return Word(found.replace("_", " "))
    return Word.NOT_JUDGED if data.get("verdict") == "not_judged" and not again else Word.WARNED


def _reason(data: Mapping[str, Any], said: str) -> str:
    code = shown(data.get("reason_code"), 60)
    actual = shown(data.get("actual")) or shown(said)
    return f"{code}: {actual}" if code else actual


def _context(value: Any) -> tuple[tuple[str, str], ...]:
    """Return titled facts: an object in smoke tests, a list of pairs in migrations."""
    if isinstance(value, dict):
        pairs = list(value.items())
    else:
        rows = value if isinstance(value, list) else []
        pairs = [(row[0], row[1]) for row in rows if isinstance(row, list) and len(row) == 2]
    return tuple((name(title), shown(text, _LONG)) for title, text in pairs[:_MOST_CONTEXT])


def _said(test: Mapping[str, Any]) -> str:
    """Return what pytest said of the stage that failed."""
    for stage in map(mapping, map(test.get, _STAGES)):
        text = stage.get("longrepr")
        if stage.get("outcome") in ("failed", "error") and isinstance(text, str):
            return text
    return ""


def _place(data: Mapping[str, Any], said: str) -> str:
    spec = mapping(data.get("spec")).get("name")
    found = _PLACE.match(said)
    return shown(spec) if spec else shown(found[1]) if found else ""


def _command(node_id: str, said: str, *, live: bool) -> str:
    told = [line for line in said[-2 * _LONG :].splitlines() if line.strip().startswith(_AGAIN)]
    if told:
        return shown(told[-1].strip().removeprefix(_AGAIN), _LONG)
    return shown(f"pytest {'-m live ' if live else ''}{shlex.quote(node_id[:LONGEST])}", _LONG)
