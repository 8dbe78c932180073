"""
Which key a chain begins with, given those that somebody trusts.

A key that is trusted vouches for the one before it, or after it, when both have signed the line that changes them.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import statement
from pytest_darkhost.evidence.chain import rotated_to
from pytest_darkhost.evidence.envelope import Line, shown
from pytest_darkhost.evidence.folder import lines
from pytest_darkhost.evidence.keys import PublicKey, public_from_pem
from pytest_darkhost.evidence.kinds import Kind


def first_key(folder: Path, trusted: Sequence[PublicKey]) -> PublicKey:
    """
    Return the key that signs the first line; without lines, the last of those trusted.

    A hint only: `chain.follow` believes no line that this key, or one that it hands over to, has not signed.

    :raises EvidenceError: `signature`, when no trusted key is in the chain.
    """
    by_id = {key.keyid: key for key in trusted}
    first = next(lines(folder), None)
    if first is None:
        return trusted[-1]
    if known := [by_id[keyid] for keyid in first.keyids if keyid in by_id and len(first.keyids) == 1]:
        return known[0]
    return _vouched(lines(folder), first, by_id)


def _vouched(found: Iterable[Line], first: Line, trusted: dict[str, PublicKey]) -> PublicKey:
    """Return the first key of a chain that hands over, sooner or later, to a trusted one."""
    start: PublicKey | None = None
    for line in found:
        if len(line.keyids) != 2:
            continue
        said = statement.read(line)
        if said.kind is not Kind.ROTATED:
            continue
        old = public_from_pem(said.shape.text("from", "publicKey").encode(), f"{line.place}: from.publicKey")
        new = rotated_to(old, line, said)
        start = start or old
        if new.keyid in trusted or old.keyid in trusted:
            return start
    given = ", ".join(shown(keyid) for keyid in trusted)
    msg = f"{first.place}: signed by key {shown(*first.keyids)}, expected one that is trusted: {given}"
    raise EvidenceError("signature", msg, first.number)
