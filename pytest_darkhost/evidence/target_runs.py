"""
What a verified bundle says of one target: the newest run that judged anything of it, and how its venue took our key.

Whether that is enough to light the target is not judged here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pytest_darkhost import semconv
from pytest_darkhost.evidence.entries import Entry
from pytest_darkhost.evidence.items import Item
from pytest_darkhost.evidence.observed import was_answered
from pytest_darkhost.evidence.outcomes import Outcomes, outcomes_of
from pytest_darkhost.evidence.report import Report
from pytest_darkhost.evidence.verifying import Step
from pytest_darkhost.observations.errors import ErrorKind

PACKAGE = "pytest-darkhost"
_OF_ACCOUNT = frozenset({ErrorKind.AUTH_REFUSED, ErrorKind.NO_CREDIT})
_OF_TARGET = _OF_ACCOUNT | {ErrorKind.FORBIDDEN}


@dataclass(frozen=True, slots=True)
class TargetRun:
    """A run that judged something of the target, or that was opened for its venue and never closed."""

    line: int
    time: datetime
    run_id: str
    unfit: tuple[str, ...] = ()
    """Codes of why it is no evidence."""
    outcomes: Outcomes | None = None
    """Of the planned checks of the target and of its venue; `None` where the run was not closed."""
    spec: str | None = None
    """SHA-256 of the spec; `None` where the report does not say it, as below."""
    row: str | None = None
    """SHA-256 of what the catalog held of the target."""
    version: str | None = None
    """Of this package."""


@dataclass(frozen=True, slots=True)
class VenueRun:
    """A run in which the venue answered."""

    line: int
    time: datetime
    refusals: tuple[str, ...]
    """Where it refused key or credit: `<probe>: <kind of error>`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All of a bundle that concerns one target."""

    head: str = ""
    target: TargetRun | None = None
    """The newest; `None` where no run judged it."""
    venue: VenueRun | None = None
    """The newest; `None` where it never answered."""


def seen_of(steps: Iterable[Step], venue: str, slug: str) -> Seen:
    """
    Return what a bundle says of a target. All steps are read: only the last one shows that nothing is amiss.

    :raises EvidenceError: what is raised by the steps.
    """
    seen = Seen()
    for step in steps:
        seen = replace(seen, head=step.chain.head)
        for entry in step.entries:
            if step.report is not None:
                seen = _after(seen, entry, step.report, venue, slug)
            elif entry.what == "abandoned" and venue in entry.venues:
                seen = replace(seen, target=TargetRun(entry.line, _time(entry), entry.run_id))
    return seen


def _after(seen: Seen, entry: Entry, report: Report, venue: str, slug: str) -> Seen:
    items = [item for item in report.items if item.said.get("venue") == venue]
    refusals = tuple(dict.fromkeys(_refusals(items, slug)))
    if any(was_answered(probe) for item in items for probe in item.probes):
        seen = replace(seen, venue=VenueRun(entry.line, _time(entry), refusals))
    outcomes = _outcomes(report, items, slug)
    if outcomes is None:
        return seen
    run = TargetRun(
        line=entry.line,
        time=_time(entry),
        run_id=entry.run_id,
        unfit=tuple(each.code for each in entry.unfit),
        outcomes=outcomes,
        spec=_digest(report.run["specs"], "venue", venue),
        row=_digest(report.run["catalog"].get("rows"), "name", f"{venue}/{slug}"),
        version=_version(report.run),
    )
    return replace(seen, target=run)


def _outcomes(report: Report, items: list[Item], slug: str) -> Outcomes | None:
    """Return what became of the planned checks of the target and its venue; `None` where none of them was run."""
    files = {item.node_id.partition("::")[0] for item in items}
    found = outcomes_of(report.items, report.run["plan"]["ids"])
    own = Outcomes(
        **{
            name: tuple(each for each in getattr(found, name) if _concerns(each, files, slug))
            for name in Outcomes.__slots__
        }
    )
    ran = own.passed or own.warned or own.failed or own.not_applicable
    return own if ran else None


def _concerns(node_id: str, files: set[str], slug: str) -> bool:
    """Return whether a check is one of the target, or of the venue as a whole (`file::check[live]`)."""
    file, *rest = node_id.split("::")
    return file in files and (len(rest) == 1 or rest[0] == slug)


def _refusals(items: Iterable[Item], slug: str) -> Iterator[str]:
    for item in items:
        counted = _OF_TARGET if item.said.get("model") in (None, slug) else _OF_ACCOUNT
        for probe in item.probes:
            kind = probe.get(semconv.ERROR_TYPE)
            if isinstance(kind, str) and kind in counted and probe.get("key") != "refused" and was_answered(probe):
                yield f"{probe.get('probe')}: {kind}"


def _digest(entries: Any, key: str, name: str) -> str | None:
    """Return the SHA-256 of the entry with this name in a list of what may be anything."""
    for each in entries if isinstance(entries, list) else ():
        if isinstance(each, Mapping) and each.get(key) == name:
            digest = each.get("digest")
            found = digest.get("sha256") if isinstance(digest, Mapping) else None
            return found if isinstance(found, str) else None
    return None


def _version(run: Mapping[str, Any]) -> str | None:
    invocation = run.get("invocation")
    packages = invocation.get("packages") if isinstance(invocation, Mapping) else None
    found = packages.get(PACKAGE) if isinstance(packages, Mapping) else None
    return found if isinstance(found, str) else None


def _time(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.time)
