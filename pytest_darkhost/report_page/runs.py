"""
A run as the page shows it: who, when, from what, and what came of it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pytest_darkhost import semconv
from pytest_darkhost.evidence.entries import Entry
from pytest_darkhost.report_page.check_rows import CheckRow, Word, check_rows
from pytest_darkhost.report_page.reasons import meaning
from pytest_darkhost.report_page.texts import decimal, mapping, name, number, objects, shown, texts

MOST_ROWS = 1500
"""Checks of one run that are shown one by one."""
_COMMIT = 12


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a report that was read."""

    anchor: str
    """The id of its section."""
    line: str
    """Of the bundle; a dash where there is none."""
    title: str
    time: str
    result: str
    """`PASSED`, `WARNED` or `FAILED`; empty where nothing was planned."""
    unfit: tuple[tuple[str, str, str], ...]
    """Why it is no evidence: code, what that means, and what was found."""
    counts: Mapping[str, int]
    """By word."""
    facts: tuple[tuple[str, str], ...]
    venues: tuple[str, ...]
    rows: tuple[CheckRow, ...]
    """At most `MOST_ROWS`: of more, those that did not pass first."""
    left_out: int


def run_of(entry: Entry, report: Mapping[str, Any], anchor: str) -> Run:
    """Return a run from what evidence makes of it and from its report."""
    rows = check_rows(report)
    counts = Counter(row.word.value for row in rows)
    venues = entry.venues or tuple(sorted({row.venue for row in rows if row.venue}))
    return Run(
        anchor=anchor,
        line=line_of(entry),
        title=f"line {entry.line}" if entry.line else "the report",
        time=moment(entry.time),
        result=entry.result or _result(rows, ended=not entry.unfit),
        unfit=tuple((name(each.code), meaning(name(each.code)), shown(each.what)) for each in entry.unfit),
        counts={word.value: counts[word.value] for word in Word},
        facts=tuple((title, text) for title, text in _facts(entry, mapping(report.get("darkhost")), rows) if text),
        venues=tuple(map(name, venues)),
        rows=_most_telling(rows),
        left_out=max(0, len(rows) - MOST_ROWS),
    )


def _most_telling(rows: tuple[CheckRow, ...]) -> tuple[CheckRow, ...]:
    if len(rows) <= MOST_ROWS:
        return rows
    order = list(Word)
    return tuple(sorted(rows, key=lambda row: order.index(row.word))[:MOST_ROWS])


def line_of(entry: Entry) -> str:
    """Return the number of an entry's line, or a dash for a report without a bundle."""
    return str(entry.line or "-")


def _result(rows: tuple[CheckRow, ...], *, ended: bool) -> str:
    """Return a result for what evidence does not judge, such as round trips."""
    words = {row.word for row in rows}
    if Word.FAILED in words:
        return "FAILED"
    judged = words - {Word.NOT_APPLICABLE}
    return "PASSED" if ended and judged == {Word.PASSED} else "WARNED"


def moment(text: str) -> str:
    """Return a time of a report for people: `2026-11-25 12:01:03 UTC`. What is none is shown as it is."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return name(text)
    return f"{found:%Y-%m-%d %H:%M:%S} UTC" if found.utcoffset() is not None and not found.utcoffset() else name(text)


def _facts(entry: Entry, run: Mapping[str, Any], rows: tuple[CheckRow, ...]) -> Iterator[tuple[str, str]]:
    yield "run", name(entry.run_id)
    yield "time", _span(run)
    yield "commit", _commit(mapping(run.get("vcs")), run)
    yield "venues", ", ".join(map(name, entry.venues))
    yield "mode", ", ".join(sorted({row.mode for row in rows if row.mode}))
    yield "catalog", _catalog(mapping(run.get("catalog")))
    yield "calls", _calls(run)
    yield "operator", name(entry.operator)
    yield "CI run", shown(mapping(run.get("cicd")).get(semconv.CICD_PIPELINE_RUN_URL_FULL))
    yield "sent from", ", ".join(_vantage(each) for each in objects(run.get("vantage"))[:4])
    invocation = mapping(run.get("invocation"))
    yield "plugin", _version(mapping(invocation.get("packages")))
    yield "command", shown(" ".join(["pytest", *texts(invocation.get("arguments"))])) if invocation else ""
    yield "ended", shown(run.get("interrupted"))


def _span(run: Mapping[str, Any]) -> str:
    started, finished = str(run.get("started_at") or ""), str(run.get("finished_at") or "")
    try:
        took = datetime.fromisoformat(finished) - datetime.fromisoformat(started)
    except (ValueError, TypeError):
        return moment(started)
    return f"{moment(started)}, {took.total_seconds():.1f} s"


def _commit(vcs: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    revision = name(vcs.get(semconv.VCS_REF_HEAD_REVISION))
    if not revision:
        return name(run.get("vcs_problem"))
    branch = name(vcs.get(semconv.VCS_REF_HEAD_NAME))
    words = [revision[:_COMMIT], f"on {branch}" if branch else "", "dirty" if vcs.get("dirty") is not False else ""]
    return " ".join(filter(None, words))


def _catalog(catalog: Mapping[str, Any]) -> str:
    where = shown(catalog.get("location") or catalog.get("source"))
    revision = name(catalog.get("revision"))
    return f"{where} at {revision}" if where and revision else where


def _calls(run: Mapping[str, Any]) -> str:
    calls, spent = number(run.get("calls")), decimal(run.get("spent_usd"))
    if calls is None:
        return ""
    return f"{calls:.0f}" + ("" if spent is None else f", ${spent:.6f}")


def _vantage(each: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (name(each.get("host")), name(each.get("platform")), name(each.get("address")))))


def _version(packages: Mapping[str, Any]) -> str:
    named = ((label, name(packages.get(label))) for label in ("pytest-darkhost", "pytest", "httpx"))
    return ", ".join(f"{label} {version}" for label, version in named if version)
