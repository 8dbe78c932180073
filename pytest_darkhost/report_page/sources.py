"""
What is shown: the runs of an evidence folder, or of one report, and how far they can be believed.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence.folder import check_folder, read_file
from pytest_darkhost.evidence.heads import Heads
from pytest_darkhost.evidence.identities import Identities
from pytest_darkhost.evidence.report import Report
from pytest_darkhost.evidence.shared_calls import spread
from pytest_darkhost.report_page import reports
from pytest_darkhost.report_page.gathering import Gathering
from pytest_darkhost.report_page.journals import with_journal
from pytest_darkhost.report_page.unsigned import claimed_runs, lone_entry

if TYPE_CHECKING:
    from pytest_darkhost.evidence.keys import PublicKey

Facts = tuple[tuple[str, str], ...]


class Belief(StrEnum):
    """How far a source can be believed."""

    VERIFIED = "verified"
    """Every claim was computed again, and the signatures are those of a key that was given."""
    REFUSED = "refused"
    """A claim does not hold."""
    UNCHECKED = "signatures not checked"
    """No key was given."""
    UNSIGNED = "not signed"
    """One report, which nothing vouches for."""


_CONTRADICTS = "The report contradicts itself: no run of ours writes such a one. What it says is shown as its claims."
_SAID = {
    Belief.VERIFIED: "Every claim was computed again from the reports, and every line is signed by whom it must be.",
    Belief.REFUSED: "A claim does not hold, so that nothing in this folder is evidence. The runs before it are shown.",
    Belief.UNCHECKED: "No key was given, so that no signature was checked: anybody can have written this.",
    Belief.UNSIGNED: "This is one report, and nothing vouches for it: whoever can write the file can change it.",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A folder or a report."""

    place: str
    is_folder: bool
    belief: Belief
    facts: Facts
    """Titled: keys, digests, why it is refused."""
    gathered: Gathering

    @property
    def said(self) -> str:
        """The belief in a sentence."""
        return _CONTRADICTS if self.belief is Belief.REFUSED and not self.is_folder else _SAID[self.belief]


def read_report(path: Path, anchor: str) -> Source:
    """
    Return one report as a source.

    :raises DarkhostError: it cannot be read, is none, or is of another version.
    """
    data, gathered = read_file(path), Gathering(anchor)
    report = with_journal(reports.parsed(data, str(path)), path)
    entry, problem = lone_entry(report, data)
    gathered.add(entry, report.data)
    belief, facts = Belief.UNSIGNED, [("SHA-256", report.sha256)]
    if problem and report.is_ended:
        belief = Belief.REFUSED
        facts.insert(0, ("refused, report", problem))
    elif problem:
        facts.append(("as evidence", _why_none(report)))
    return Source(str(path), is_folder=False, belief=belief, facts=tuple(facts), gathered=gathered)


def _why_none(report: reports.Report) -> str:
    """Return why evidence cannot judge a report that does not say it is the whole one of a live run."""
    if report.run.get("truncated") is True:
        return "none: the run was killed, or is still at work"
    return "none: not the report of a live run"


def read_folder(folder: Path, keys: "Sequence[PublicKey]", heads: Heads, anchor: str) -> Source:
    """
    Return an evidence folder as a source: verified by these keys, refused, or unchecked where there are none.

    :raises DarkhostError: there is no bundle, or a report is of another version.
    """
    check_folder(folder)
    gathered = Gathering(anchor)
    try:
        facts = tuple(_verified(folder, keys, heads, gathered) if keys else _unchecked(folder, gathered))
        belief = Belief.VERIFIED if keys else Belief.UNCHECKED
    except EvidenceError as error:
        belief, facts = Belief.REFUSED, ((f"refused, {error.code}", str(error)),)
    return Source(str(folder), is_folder=True, belief=belief, facts=facts, gathered=gathered)


def _checked(report: Report | None) -> Mapping[str, Any] | None:
    """Return what a report holds; nothing of none. Raises `UsageError` for one of another version."""
    if report is None:
        return None
    reports.check_schema(report.run, report.place)
    spread(report.data, report.place)
    return report.data


def _unchecked(folder: Path, gathered: Gathering) -> Iterator[tuple[str, str]]:
    """Take all runs that a folder claims; there is nothing to say of it."""
    with closing(Identities()) as identities:
        for entry, report in claimed_runs(folder, identities):
            gathered.add(entry, _checked(report))
    yield from ()


def _verified(
    folder: Path, keys: "Sequence[PublicKey]", heads: Heads, gathered: Gathering
) -> Iterator[tuple[str, str]]:
    """Verify a folder, take its runs as they hold, and yield facts of it."""
    from pytest_darkhost.evidence.verifying import verified

    for step in verified(folder, keys, heads):
        for entry in step.entries:
            gathered.add(entry, _checked(step.report))
    yield "lines", str(step.chain.length)
    yield "trusted key", ", ".join(key.keyid for key in keys)
    yield "signs next", step.chain.key.keyid
    yield "head", step.chain.head
    told = tuple(heads.told(step.chain))
    yield from (("noted head", each) for each in told)
    if not told:
        yield "not seen", "lines cut off at the end, or a chain begun anew: compare the head with one noted elsewhere"
