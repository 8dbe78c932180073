"""
Which key a chain begins with, given those that somebody trusts.

A key that is trusted vouches for the one before it, or after it, when both have signed the line that changes them.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import statement
from pytest_darkhost.evidence.chain import Chain, stated_key
from pytest_darkhost.evidence.envelope import Line, shown
from pytest_darkhost.evidence.folder import lines
from pytest_darkhost.evidence.keys import PublicKey
from pytest_darkhost.evidence.kinds import Kind


def first_key(folder: Path, trusted: Sequence[PublicKey]) -> PublicKey:
    """
    Return the key that signs the first line; without lines, the last of those trusted.

    A hint only: `chain.follow` believes no line that this key, or one that it hands over to, has not signed, and
    `Trust` not that a trusted key is among them.

    :raises EvidenceError: `signature`, when no trusted key is in the chain.
    """
    by_id = {key.keyid: key for key in trusted}
    first = next(lines(folder), None)
    if first is None:
        return trusted[-1]
    if known := [by_id[keyid] for keyid in first.keyids if keyid in by_id and len(first.keyids) == 1]:
        return known[0]
    return _vouched(lines(folder), first, by_id)


class Trust:
    """
    Whether a trusted key has signed any line of a chain.

    Seen again while the chain is followed: the file could be another one by then.
    """

    def __init__(self, trusted: Sequence[PublicKey]) -> None:
        self._trusted = tuple(dict.fromkeys(key.keyid for key in trusted))
        self._unmet = set(self._trusted)

    def meet(self, line: Line) -> None:
        """Look at who has signed a line, which was verified."""
        if self._unmet:
            self._unmet.difference_update(line.signatures)

    @property
    def unmet(self) -> tuple[str, ...]:
        """The trusted keys that have signed nothing so far, as they were given."""
        return tuple(keyid for keyid in self._trusted if keyid in self._unmet)

    def check(self, chain: Chain, place: str) -> None:
        """
        Return when the chain has no lines, or a trusted key has signed one.

        :raises EvidenceError: `signature`.
        """
        if chain.length and len(self._unmet) == len(self._trusted):
            raise _untrusted(place, (chain.key.keyid,), self._trusted, chain.length)


def _vouched(found: Iterable[Line], first: Line, trusted: dict[str, PublicKey]) -> PublicKey:
    """Return the first key of a chain that hands over, sooner or later, to a trusted one."""
    start: PublicKey | None = None
    for line in found:
        if len(line.keyids) != 2:
            continue
        said = statement.read(line)
        if said.kind is not Kind.ROTATED:
            continue
        old = stated_key(said, "from")
        new = stated_key(said, "to")
        start = start or old
        if new.keyid in trusted or old.keyid in trusted:
            return start
    raise _untrusted(first.place, first.keyids, trusted, first.number)


def _untrusted(place: str, signed_by: Iterable[str], trusted: Iterable[str], line: int) -> EvidenceError:
    given = ", ".join(shown(keyid) for keyid in trusted)
    msg = f"{place}: signed by key {shown(*signed_by)}, expected one that is trusted: {given}"
    return EvidenceError("signature", msg, line)
