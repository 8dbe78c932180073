"""
The bundle while a run is at work: opened and verified before the first call, closed with the report.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import envelope, report, statement, strict_json
from pytest_darkhost.evidence.chain import Chain, follow
from pytest_darkhost.evidence.clock import time_after, utc_now
from pytest_darkhost.evidence.closing import Closing, closing_of
from pytest_darkhost.evidence.envelope import shown
from pytest_darkhost.evidence.folder import BUNDLE, LARGEST_LINE, check_links, read_file
from pytest_darkhost.evidence.identities import Identities
from pytest_darkhost.evidence.judging import judge
from pytest_darkhost.evidence.keys import Signer
from pytest_darkhost.evidence.kinds import Kind
from pytest_darkhost.evidence.lock import locked
from pytest_darkhost.evidence.openings import check_opening
from pytest_darkhost.evidence.statement import Link, Statement
from pytest_darkhost.evidence.storing import add_report, append_line, make_folder
from pytest_darkhost.evidence.verifying import note_opening, walk
from pytest_darkhost.key_shapes import found_in
from pytest_darkhost.moments import moment_of, rfc3339

__all__ = ["Bundle", "Closing"]


class Bundle:
    """A folder that is locked for one run. Made by `open`; a context manager."""

    def __init__(self, folder: Path, signer: Signer, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._signer = signer
        self._clock = clock
        self._held = ExitStack()
        self._identities = Identities()
        self._held.callback(self._identities.close)
        self._chain = Chain(signer.public)
        self._size = 0

    @classmethod
    def open(cls, folder: Path, signer: Signer, *, clock: Callable[[], datetime] = utc_now) -> Self:
        """
        Make the folder where there is none, lock it, and verify all that it holds.

        :raises EvidenceError: whatever `verify` refuses; `locked`, when another run is at work in it; `clock`, when the
            clock is behind the last line; `key`, when the chain goes on with another key or the key lies in the folder.
        """
        _check_place(signer, folder)
        made = cls(folder, signer, clock)
        try:
            made._enter()
        except BaseException:
            made.close()
            raise
        return made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the lock back. Idempotent."""
        self._held.close()

    @property
    def head(self) -> str:
        """SHA-256 of the last line; 64 zeros where there is none."""
        return self._chain.head

    def open_run(self, record: Mapping[str, Any]) -> str:
        """
        Append that a run begins, from its `darkhost` object as far as it is known, and return the new head.

        :raises EvidenceError: `clock`, `order`, `size` or `write`.
        """
        self._append(statement.opening(record, self._next()), self._signer)
        return self.head

    def close_run(self, path: Path, *, cassette_ids: Mapping[str, str]) -> Closing:
        """
        Judge the report that a run has written, copy it into the folder and append what it is.

        `cassette_ids` says of the ids of answers on cassettes which run recorded them.

        :raises EvidenceError: `secret`, `plan`, `report`, `json` or `size`, when the report must not or cannot be
            signed: then nothing is written, and the run shows as abandoned; `clock`; `write`.
        """
        found = report.parse(data := read_file(path), str(path))
        if found_in(data.decode()):
            msg = f"{path}: holds what looks like a key, expected none. Nothing of it was copied or signed"
            raise EvidenceError("secret", msg)
        link, opening = self._next(), self._opening(path)
        check_opening(found, opening.shape)
        window = opening.moment, moment_of(link.time)
        judged = judge(found, window, self._identities, link.sequence, cassette_ids)
        name = statement.report_name(link.sequence, found.run["run_id"])
        said = statement.closing(found, link, opened=self.head, outcomes=judged.outcomes, unfit=judged.unfit)
        copy = add_report(self._folder, name, data)
        try:
            self._append(said, self._signer)
        except EvidenceError:
            copy.unlink()
            raise
        return closing_of(self._chain, judged, copy)

    def rotate(self, new: Signer) -> str:
        """
        Append that later lines are signed by another key, signed by both, and return the new head.

        :raises EvidenceError: `key`, when it is the same one or lies in the folder; `clock`; `write`.
        """
        _check_place(new, self._folder)
        if new.public.keyid == self._signer.public.keyid:
            msg = f"{new.path}: the key that the chain has already, expected another one"
            raise EvidenceError("key", msg)
        self._append(statement.rotation(self._signer.public, new.public, self._next()), self._signer, new)
        self._signer = new
        return self.head

    @property
    def _place(self) -> str:
        return f"{self._folder / BUNDLE}:{self._chain.length}"

    def _enter(self) -> None:
        if self._folder.is_dir():
            check_links(self._folder)
        make_folder(self._folder)
        self._held.enter_context(locked(self._folder))
        for step in walk(self._folder, [self._signer.public], self._identities):
            self._chain = step.chain
        self._size = (self._folder / BUNDLE).stat().st_size
        if self._chain.key.keyid != self._signer.public.keyid:
            msg = (
                f"{self._place}: the chain goes on with key {shown(self._chain.key.keyid)}, "
                f"expected {shown(self._signer.public.keyid)}. Sign with the key that it was changed to"
            )
            raise EvidenceError("key", msg)
        self._now()

    def _append(self, said: Mapping[str, Any], *signers: Signer) -> None:
        """Append a statement, after it was read back as a verifier would read it."""
        number = self._chain.length + 1
        place = f"{self._folder / BUNDLE}:{number}"
        data = envelope.written(strict_json.dumps(said), signers)
        if len(data) >= LARGEST_LINE:
            msg = f"{place}: would be longer than {LARGEST_LINE} bytes, expected a plan that fits in a line"
            raise EvidenceError("size", msg)
        after, read = follow(self._chain, envelope.read(data, number, place))
        if read.kind is Kind.OPENED:
            note_opening(read, self._identities)
        append_line(self._folder, data, self._size)
        self._size += len(data) + 1
        self._chain = after

    def _opening(self, path: Path) -> Statement:
        if self._chain.opening is None:
            msg = f"{path}: no run is open, expected `open_run` before the first call"
            raise EvidenceError("order", msg)
        return self._chain.opening

    def _next(self) -> Link:
        return Link(self._chain.length + 1, self._chain.head, rfc3339(self._now()))

    def _now(self) -> datetime:
        return time_after(self._chain.time, self._clock, self._place)


def _check_place(signer: Signer, folder: Path) -> None:
    if signer.path.resolve().is_relative_to(folder.resolve()):
        msg = f"{signer.path}: lies in the evidence folder, expected a place that nobody hands to an auditor"
        raise EvidenceError("key", msg)
