"""
The verifier: everything that a bundle claims is computed again from bytes, one line and one report at a time.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence.chain import Chain, follow
from pytest_darkhost.evidence.claims import closed_run
from pytest_darkhost.evidence.entries import Entry, abandoned_entry, key_entry
from pytest_darkhost.evidence.folder import BUNDLE, REPORTS, check_folder, lines, report_names
from pytest_darkhost.evidence.heads import Heads
from pytest_darkhost.evidence.identities import Identities
from pytest_darkhost.evidence.keys import PublicKey
from pytest_darkhost.evidence.kinds import Kind
from pytest_darkhost.evidence.report import RUN_ID, Report
from pytest_darkhost.evidence.statement import Statement
from pytest_darkhost.evidence.trust import Trust, first_key
from pytest_darkhost.plain_text import one_line


@dataclass(frozen=True, slots=True)
class Step:
    """One line that is verified, and the rows that it completes."""

    chain: Chain
    entries: tuple[Entry, ...]
    report: Report | None = None
    """Of the run that the line closes."""
    unmet: tuple[str, ...] = ()
    """Of the last step: trusted keys that have signed nothing."""


def verified(folder: Path, trusted: Sequence[PublicKey], heads: Heads) -> Iterator[Step]:
    """
    Yield what `walk` does, and look for heads that were noted.

    :raises EvidenceError: at the first claim that does not hold, or at the end for a head that no line has.
    """
    check_folder(folder)
    with closing(Identities()) as identities:
        for step in walk(folder, trusted, identities):
            chain = step.chain
            heads.meet(chain)
            yield step
            del step
    heads.check(chain, str(folder / BUNDLE))


def walk(folder: Path, trusted: Sequence[PublicKey], identities: Identities) -> Iterator[Step]:
    """
    Yield a step for each line; then one for a run that is still open, when the folder holds nothing else.

    Only who reaches the end knows that nothing is amiss.

    :raises EvidenceError: at the first claim that does not hold.
    """
    chain, closings, trust = Chain(first_key(folder, trusted)), 0, Trust(trusted)
    for line in lines(folder):
        before = chain
        chain, said = follow(before, line)
        trust.meet(line)
        if said.kind.is_closing:
            entry, report = closed_run(folder, before, said, identities)
            yield Step(chain, (entry,), report)
            closings += 1
            del report  # before the next is read: memory for one is enough
        else:
            yield Step(chain, tuple(_entries(before, said, identities)))
    trust.check(chain, f"{folder / BUNDLE}:{chain.length}")
    _check_reports(folder, closings, identities)
    yield Step(chain, tuple(_unclosed(chain)), unmet=trust.unmet)


def _entries(before: Chain, said: Statement, identities: Identities) -> Iterator[Entry]:
    yield from _unclosed(before)
    if said.kind is Kind.OPENED:
        note_opening(said, identities)
    else:
        yield key_entry(said)


def _unclosed(chain: Chain) -> Iterator[Entry]:
    if chain.opening is not None:
        yield abandoned_entry(chain.opening)


def note_opening(said: Statement, identities: Identities) -> None:
    """
    Keep the id of a run that is opened.

    :raises EvidenceError: `order`, when it is no UUID or another run has it.
    """
    run_id, number = said.shape.text("runId"), said.link.sequence
    if RUN_ID.fullmatch(run_id) and identities.add_run(run_id, number):
        return
    line = identities.line_of_run(run_id)
    what = f"opens run {run_id!r:.60}" + ("" if line is None else f", as line {line} did")
    msg = f"{said.shape.place}: {what}, expected a UUID of its own"
    raise EvidenceError("order", msg, number)


def _check_reports(folder: Path, closings: int, identities: Identities) -> None:
    """Refuse a report that no line speaks of. Each closing has read its own, so that counting them is enough."""
    if sum(1 for _ in report_names(folder)) == closings:
        return
    unknown = next(name for name in report_names(folder) if not identities.has_report(name))
    msg = (
        f"{folder / REPORTS / one_line(unknown)}: no line of the bundle speaks of it, expected only reports that are "
        "signed. It was put there, or a run was killed before it signed it. Move it out of the folder"
    )
    raise EvidenceError("unsigned_report", msg)
