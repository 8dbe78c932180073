"""
The evidence of one run: everything that it needs is looked at before the first call, a line opens it, a line closes it.

What makes a run worthless is known to `pytest_darkhost.evidence`, which is imported only where it is asked for.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_darkhost import variables
from pytest_darkhost.errors import DarkhostError, EvidenceError, UsageError
from pytest_darkhost.suite.run import Run

if TYPE_CHECKING:
    from pytest_darkhost.evidence.bundle import Bundle, Closing

_Made = TypeVar("_Made")
_INSTEAD = "Have a signed record of it, which is no evidence, with --darkhost-evidence-record"


class Evidence:
    """Made by `prepared`. Holds the folder's lock until `release`."""

    def __init__(self, run: Run, bundle: "Bundle", recorded: Mapping[str, str]) -> None:
        self._run = run
        self._bundle = bundle
        self._recorded = recorded
        self._opened = False
        self._closing: Closing | None = None
        self.problem: str | None = "no line was appended: the run ended before its first call"
        """Why the run was not closed as it must be; `None` where it was."""

    @classmethod
    def prepared(cls, run: Run, folder: Path, record: Mapping[str, Any]) -> "Evidence":
        """
        Return the evidence of a run that is about to send.

        :param record: the run's object of the report, as far as it is known.
        :raises UsageError: with all that makes this run worthless, or that keeps it from being signed, a line each.
        """
        from pytest_darkhost.evidence.bundle import Bundle
        from pytest_darkhost.evidence.keys import load_signer

        _refuse_misplaced(run, folder)
        reasons = _worthless(run, record)
        signer = _attempt(reasons, lambda: load_signer(_key(run), os.environ.get(variables.KEY_PASSPHRASE)))
        recorded = _attempt(reasons, lambda: _recorded(run))
        bundle = None
        if signer and (folder.is_dir() or not reasons):  # to look at a chain makes its folder
            bundle = _attempt(reasons, lambda: Bundle.open(folder, signer))
        if bundle is None or recorded is None or reasons:
            if bundle:
                bundle.close()
            raise UsageError("\n".join(reasons))
        return cls(run, bundle, recorded)

    def open(self, record: Mapping[str, Any]) -> None:
        """
        Append the line that says that a run begins.

        :raises EvidenceError: it cannot be appended.
        """
        self._bundle.open_run(record)
        self._opened = True
        self.problem = "the run was not closed, and shows as abandoned"

    def close(self, report: Path) -> None:
        """Append what the run was, from the report that was written. What keeps it from that is in `problem` then."""
        if not self._opened:
            return
        try:
            redactor = self._run.broker.redactor if self._run.broker else self._run.redactor
            if redactor.holds(report.read_text(encoding="utf-8")):
                msg = f"{report}: holds a key, expected none. Nothing of it was copied or signed"
                raise EvidenceError("secret", msg)  # noqa: TRY301 - one place says what became of it
            self._closing = self._bundle.close_run(report, cassette_ids=self._recorded)
        except (EvidenceError, OSError) as error:
            self.problem = f"{error}. The run shows as abandoned"
            return
        self.problem = self._worthless_after_all()

    def _worthless_after_all(self) -> str | None:
        if self._closing is None or not self._closing.unfit or self._run.settings.evidence_record:
            return None
        return "a signed record was appended, which is no evidence"

    def release(self) -> None:
        """Give the lock back. Idempotent."""
        self._bundle.close()

    def lines(self) -> Iterator[tuple[str, bool]]:
        """Yield what a person reads at the end, and whether it is bad."""
        closing = self._closing
        if closing is None:
            yield f"no evidence: {self.problem}", True
            return
        folder = self._run.shown(closing.path.parent.parent)
        counts = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in closing.counts.items() if number)
        bad = self.problem is not None
        for reason in closing.unfit:
            yield f"no evidence: {reason.code}: {reason.what}", bad
        what = "record" if closing.unfit else "evidence"
        yield f"{what}: {closing.result} ({counts or 'nothing was planned'}), line {closing.line} of {folder}", bad
        yield f"head: {closing.head}", False
        command = f"darkhost verify {quote(folder)} --key {quote(self._public)} --head {closing.head}"
        yield f"Note it elsewhere. Verify with: {command}", False

    @property
    def _public(self) -> str:
        """The public key beside the private one, as it is typed."""
        path = _key(self._run).with_suffix(".pub")
        return self._run.shown(path) if path.is_file() else "KEY.pub"


def _key(run: Run) -> Path:
    if run.settings.key is None:
        msg = "--darkhost-key: no key named, expected the private key that signs. Make one with: darkhost key new"
        raise UsageError(msg)
    return run.settings.key


def _refuse_misplaced(run: Run, folder: Path) -> None:
    if run.config.rootpath.resolve().is_relative_to(folder.resolve()):
        msg = f"--darkhost-evidence: {folder} holds the project itself, expected a folder for evidence alone"
        raise UsageError(msg)


def _attempt(reasons: list[str], made: Callable[[], _Made]) -> _Made | None:
    """Return what is made, or `None` with one more reason why it is not."""
    try:
        return made()
    except DarkhostError as error:
        reasons.append(str(error))
        return None


def _worthless(run: Run, record: Mapping[str, Any]) -> list[str]:
    from pytest_darkhost.evidence.fitness import unfit_run

    if run.settings.evidence_record:
        return []
    reasons = [f"--darkhost-evidence: {reason.code}: {reason.what}" for reason in unfit_run(record)]
    return [*reasons, f"--darkhost-evidence: the run would prove nothing. {_INSTEAD}"] if reasons else []


def _recorded(run: Run) -> dict[str, str]:
    venues = (loaded.spec.venue for path in run.specs.wanted if run.runnable(loaded := run.specs.load(path)))
    directories = [place for venue in venues if any((place := run.settings.cassettes / venue).glob("*.yaml"))]
    if not directories:
        return {}  # vcrpy takes longer to import than all else here
    from pytest_darkhost.cassettes.answers import recorded_answers

    return recorded_answers(directories)
