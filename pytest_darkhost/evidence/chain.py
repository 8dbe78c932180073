"""
What may follow what: signature, number, digest of the line before, time, and who is open. Reports are not looked at.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import envelope, statement
from pytest_darkhost.evidence.envelope import Line, shown
from pytest_darkhost.evidence.keys import PublicKey, public_from_pem
from pytest_darkhost.evidence.kinds import Kind
from pytest_darkhost.evidence.statement import NOTHING_BEFORE, Statement


@dataclass(frozen=True, slots=True)
class Chain:
    """The state after some lines."""

    key: PublicKey
    """The one that signs the next line."""
    length: int = 0
    head: str = NOTHING_BEFORE
    """SHA-256 of the last line."""
    time: datetime | None = None
    """Of the last line."""
    opening: Statement | None = None
    """The last line, if it opened a run."""


def follow(chain: Chain, line: Line) -> tuple[Chain, Statement]:
    """
    Return the chain with one line more, and what the line states.

    :raises EvidenceError: naming the claim that does not hold.
    """
    envelope.verify(line, chain.key)
    said = statement.read(line)
    key = _signers(chain, line, said)
    _check_link(chain, line, said)
    _check_order(chain, line, said)
    after = Chain(
        key=key,
        length=line.number,
        head=hashlib.sha256(line.data).hexdigest(),
        time=said.moment,
        opening=said if said.kind is Kind.OPENED else None,
    )
    return after, said


def _signers(chain: Chain, line: Line, said: Statement) -> PublicKey:
    """Return who signs the next line, when this one is signed by whom it must be and nobody else."""
    key = rotated_to(chain.key, line, said) if said.kind is Kind.ROTATED else chain.key
    wanted = tuple(dict.fromkeys((chain.key.keyid, key.keyid)))
    if line.keyids != wanted:
        raise _refused("signature", line, f"signed by key {shown(*line.keyids)}", shown(*wanted))
    return key


def rotated_to(old: PublicKey, line: Line, said: Statement) -> PublicKey:
    """
    Return the new key of a rotation that both keys have signed.

    :raises EvidenceError: `rotation` or `signature`.
    """
    new = stated_key(said, "to")
    envelope.verify(line, new)
    expected = statement.rotation(old, new, said.link)
    if said.value != expected or new.keyid == old.keyid:
        raise _refused("rotation", line, "a change of keys that names others", f"from {shown(old.keyid)} to a new one")
    return new


def stated_key(said: Statement, role: str) -> PublicKey:
    """
    Return the public key that a change of keys names as `from` or `to`.

    :raises EvidenceError: `statement` or `key`.
    """
    pem = said.shape.text(role, "publicKey").encode("ascii", "replace")
    return public_from_pem(pem, f"{said.shape.place}: {role}.publicKey", said.shape.line)


def _check_link(chain: Chain, line: Line, said: Statement) -> None:
    link, expected = said.link, chain.length + 1
    if link.sequence != expected or line.number != expected:
        raise _refused("sequence", line, f"`sequence` is {link.sequence}", f"{expected}: a line is missing or moved")
    if link.previous != chain.head:
        what = f"`previous` is {link.previous:.12}"
        raise _refused("previous", line, what, f"the digest of the line before, {chain.head:.12}")
    if chain.time is not None and said.moment < chain.time:
        what = f"`time` is {link.time}, before that of the line before"
        raise _refused("time", line, what, "a clock that was not set back")


def _check_order(chain: Chain, line: Line, said: Statement) -> None:
    if said.kind is Kind.OPENED and said.value != statement.opening_again(said):
        raise _refused("statement", line, "an opening with other parts", "those of docs/evidence.md")
    if not said.kind.is_closing:
        return
    if chain.opening is None:
        raise _refused("order", line, "a run ends here that was not opened", "its opening in the line before")
    opened = chain.opening.shape
    if said.shape.text("darkhost", "opened", "sha256") != chain.head:
        raise _refused("order", line, "names another opening", "the line before")
    if said.shape.text("darkhost", "runId") != opened.text("runId"):
        raise _refused("order", line, "another run ends here", f"run {opened.text('runId'):.40}, opened before")


def _refused(code: str, line: Line, what: str, expected: str) -> EvidenceError:
    return EvidenceError(code, f"{line.place}: {what}, expected {expected}", line.number)
