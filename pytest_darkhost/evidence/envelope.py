"""
One line of the bundle: a DSSE envelope (secure-systems-lab/dsse, protocol 1.0) in exactly one spelling.

JSON and base64 would allow others, and a line that can be spelled twice has two digests.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence import strict_json
from pytest_darkhost.evidence.keys import PublicKey, Signer

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_KEYID = re.compile("[0-9a-f]{64}")
_LINE = b'{"payload":"%%s","payloadType":"%s","signatures":[%%s]}' % PAYLOAD_TYPE.encode()
_QUOTES = 26
"""In a line with two signatures."""
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Line:
    """The bytes of one line of the bundle, understood but not yet believed."""

    number: int
    """1-based."""
    place: str
    """`<file>:<number>`."""
    data: bytes
    """Without the line break."""
    payload: bytes
    signatures: Mapping[str, bytes]
    """By key id, in their order."""

    @property
    def keyids(self) -> tuple[str, ...]:
        """Who is said to have signed it."""
        return tuple(self.signatures)


def written(payload: bytes, signers: Sequence[Signer]) -> bytes:
    """Return the line, without a line break, in which these keys sign a payload."""
    from securesystemslib.dsse import Envelope

    envelope = Envelope(payload, PAYLOAD_TYPE, {})
    for signer in signers:
        signer.sign(envelope)
    return strict_json.dumps(envelope.to_dict())


def read(data: bytes, number: int, place: str) -> Line:
    """
    Return what a line says. Its signatures are not looked at: `verify` does.

    :raises EvidenceError: `json` or `envelope`, when it is no envelope as `written` writes it.
    """
    if data.endswith(b"\r"):
        msg = (
            f"{place}: ends in CR LF, expected LF alone: git (`core.autocrlf`) or an editor has changed it. "
            "Get it as it was"
        )
        raise EvidenceError("envelope", msg, number)
    if written_so := _as_written(data):
        return Line(number, place, data, *written_so)
    value = strict_json.loads(data, place, number)
    try:
        payload = base64.b64decode(value["payload"])
        signatures = [(each["keyid"], base64.b64decode(each["sig"])) for each in value["signatures"]]
        spelled = _spelled(payload, value["payloadType"], signatures)
        known = all(_KEYID.fullmatch(keyid) for keyid, _ in signatures)
    except (LookupError, TypeError, ValueError) as error:
        raise _refused(number, place, f"no DSSE envelope ({type(error).__name__})") from None
    if value["payloadType"] != PAYLOAD_TYPE:
        raise _refused(number, place, f"the payload type is {value['payloadType']!r:.80}")
    by_key = dict(signatures)
    if spelled != data or not known or len(by_key) != len(signatures):
        raise _refused(number, place, "an envelope in another spelling")
    return Line(number, place, data, payload, by_key)


def verify(line: Line, key: PublicKey) -> None:
    """
    Return when the key has signed the line.

    :raises EvidenceError: `signature`, when it has not.
    """
    library = _library()
    if key.keyid not in line.signatures:
        msg = f"{line.place}: signed by key {shown(*line.keyids)}, expected {shown(key.keyid)}"
        raise EvidenceError("signature", msg, line.number)
    signatures = {keyid: library.Signature(keyid, sig.hex()) for keyid, sig in line.signatures.items()}
    envelope = library.Envelope(line.payload, PAYLOAD_TYPE, signatures)
    try:
        envelope.verify([key], 1)
    except library.VerificationError:
        msg = f"{line.place}: the signature of key {shown(key.keyid)} is not that of this line, expected one that is"
        raise EvidenceError("signature", msg, line.number) from None


@cache
def _library() -> SimpleNamespace:
    """Return what of `securesystemslib` verifies a signature: imported late, and looked for once."""
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError
    from securesystemslib.signer import Signature

    return SimpleNamespace(Envelope=Envelope, VerificationError=VerificationError, Signature=Signature)


def shown(*keyids: str) -> str:
    """Return key ids as messages show them."""
    return " and ".join(each[:_SHOWN] for each in keyids) or "none"


def _as_written(data: bytes) -> tuple[bytes, dict[str, bytes]] | None:
    """Return payload and signatures of a line as `written` makes it for one key or two; `None` for any other."""
    parts = data.split(b'"', _QUOTES)
    try:
        payload = base64.b64decode(parts[3])
        signatures = {
            keyid.decode("ascii"): base64.b64decode(sig) for keyid, sig in zip(parts[13::8], parts[17::8], strict=True)
        }
    except (IndexError, ValueError):
        return None
    signed = b",".join(
        [b'{"keyid":"%s","sig":"%s"}' % (keyid.encode(), base64.b64encode(sig)) for keyid, sig in signatures.items()]
    )
    known = signatures and all(map(_KEYID.fullmatch, signatures))
    return (payload, signatures) if known and data == _LINE % (base64.b64encode(payload), signed) else None


def _spelled(payload: bytes, payload_type: str, signatures: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the one spelling of an envelope with these parts."""
    made: Mapping[str, Any] = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [{"keyid": keyid, "sig": base64.b64encode(sig).decode()} for keyid, sig in signatures],
    }
    return strict_json.dumps(made)


def _refused(number: int, place: str, what: str) -> EvidenceError:
    msg = f"{place}: {what}, expected an envelope of {PAYLOAD_TYPE} as darkhost writes it"
    return EvidenceError("envelope", msg, number)
