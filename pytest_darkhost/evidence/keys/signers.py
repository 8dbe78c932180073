"""
Private keys that sign.
"""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_darkhost import variables
from pytest_darkhost.evidence.keys.files import need_libraries, read, refused
from pytest_darkhost.evidence.keys.public import PublicKey

if TYPE_CHECKING:
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import CryptoSigner

_OTHERS = 0o077


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A private key. Its text forms show where it came from and nothing of it."""

    path: Path
    """The file that it was read from."""
    _signer: "CryptoSigner"

    @property
    def public(self) -> PublicKey:
        """The public key."""
        return self._signer.public_key

    def sign(self, envelope: "Envelope") -> None:
        """Add this key's signature to an envelope."""
        envelope.sign(self._signer)

    def __repr__(self) -> str:
        return f"Signer({str(self.path)!r})"


def load_signer(path: Path, passphrase: str | None) -> Signer:
    """
    Return the signer of a private key file.

    :raises EvidenceError: `key`, when it cannot be read, is no Ed25519 key, or can be read by others.
    """
    need_libraries()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import CryptoSigner

    data = _private(path)
    try:
        key = load_pem_private_key(data, _password(data, passphrase))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise refused(path, _why_unreadable(data, passphrase)) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise refused(path, "a key of another kind, expected Ed25519. Make one with: darkhost key new")
    return Signer(path, CryptoSigner(key))


def _private(path: Path) -> bytes:
    data = read(path)
    if path.stat().st_mode & _OTHERS:
        raise refused(
            path, f"can be read by others, expected by its owner alone. Run chmod 600 {shlex.quote(str(path))}"
        )
    return data


def _password(data: bytes, passphrase: str | None) -> bytes | None:
    return passphrase.encode() if passphrase and b"ENCRYPTED" in data else None


def _why_unreadable(data: bytes, passphrase: str | None) -> str:
    if b"ENCRYPTED" not in data:
        return "no private key, expected PEM that begins with -----BEGIN PRIVATE KEY-----"
    if passphrase:
        return f"the passphrase does not open it, expected the one that it was made with in ${variables.KEY_PASSPHRASE}"
    return f"protected by a passphrase, expected it in ${variables.KEY_PASSPHRASE}"
