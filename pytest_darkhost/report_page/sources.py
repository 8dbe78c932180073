"""
What is shown: the runs of an evidence folder, or of one report, and how far they can be believed.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence.entries import Entry
from pytest_darkhost.evidence.folder import BUNDLE, REPORTS, check_folder, read_file
from pytest_darkhost.evidence.heads import Heads
from pytest_darkhost.evidence.identities import Identities
from pytest_darkhost.report_page import reports
from pytest_darkhost.report_page.reports import Report
from pytest_darkhost.report_page.unsigned import claimed_entries, lone_entry

if TYPE_CHECKING:
    from pytest_darkhost.evidence.keys import PublicKey


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


@dataclass(frozen=True, slots=True)
class Source:
    """A folder or a report."""

    place: str
    belief: Belief
    said: str
    """The belief in a sentence."""
    facts: tuple[tuple[str, str], ...]
    """Titled: keys, digests."""
    entries: tuple[Entry, ...]
    folder: Path | None = None
    """`None` for a report."""
    alone: Report | None = None
    """The report, where there is no folder."""

    def report(self, entry: Entry) -> Report:
        """
        Return the report of a run.

        :raises EvidenceError: it cannot be read.
        """
        if self.alone is not None:
            return self.alone
        assert self.folder is not None
        return reports.read(self.folder / REPORTS / entry.report, entry.line)


def read_report(path: Path) -> Source:
    """
    Return one report as a source.

    :raises EvidenceError: it cannot be read, or is none.
    """
    data = read_file(path)
    report = reports.parsed(data, str(path))
    entry, problem = lone_entry(report, data)
    said = "This is one report, and nothing vouches for it: whoever can write the file can write anything into it."
    facts = [("SHA-256", report.sha256), *([("as evidence", problem)] if problem else [])]
    return Source(str(path), Belief.UNSIGNED, said, tuple(facts), (entry,), alone=report)


def read_folder(folder: Path, keys: "Sequence[PublicKey]", heads: Heads) -> Source:
    """
    Return an evidence folder as a source: verified by these keys, refused, or unchecked where there are none.

    :raises EvidenceError: there is no bundle.
    """
    check_folder(folder)
    found: list[Entry] = []
    try:
        with closing(Identities()) as identities:
            if not keys:
                found.extend(claimed_entries(folder, identities))
                return _unchecked(folder, found)
            facts = tuple(_verified(folder, keys, heads, identities, found))
    except EvidenceError as error:
        said = "A claim does not hold, so that nothing in this folder is evidence. What was read before it is shown."
        return Source(
            str(folder), Belief.REFUSED, said, ((f"refused, {error.code}", str(error)),), tuple(found), folder
        )
    said = "Every claim was computed again from the reports, and every line is signed by whom it must be."
    return Source(str(folder), Belief.VERIFIED, said, facts, tuple(found), folder)


def _unchecked(folder: Path, found: list[Entry]) -> Source:
    said = "No key was given, so that no signature was checked: anybody can have written this."
    return Source(str(folder), Belief.UNCHECKED, said, (), tuple(found), folder)


def _verified(
    folder: Path, keys: "Sequence[PublicKey]", heads: Heads, identities: Identities, found: list[Entry]
) -> Iterator[tuple[str, str]]:
    """Verify a folder, and yield facts of it; its entries are added to what was found as they hold."""
    from pytest_darkhost.evidence.verifying import walk

    for step in walk(folder, keys, identities):
        heads.meet(step.chain)
        found.extend(step.entries)
    heads.check(step.chain, str(folder / BUNDLE))
    yield "lines", str(step.chain.length)
    yield "trusted key", ", ".join(key.keyid for key in keys)
    yield "signs next", step.chain.key.keyid
    yield "head", step.chain.head
    told = tuple(heads.told(step.chain))
    yield from (("noted head", each) for each in told)
    if not told:
        yield "not seen", "lines that were cut off at the end: compare the head with one that was noted elsewhere"
