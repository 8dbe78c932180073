"""
Ed25519 keys: private ones as PKCS #8 PEM, public ones as SPKI PEM, as `openssl` writes and reads them.

The libraries come with the extra `evidence` and are imported where they are used.
"""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pytest_darkhost import variables
from pytest_darkhost.errors import EvidenceError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import CryptoSigner, SSlibKey

PublicKey: TypeAlias = "SSlibKey"
_CODE = "key"
_OTHERS = 0o077
_LARGEST = 65_536
_BEGINNING = b"-----BEGIN PUBLIC KEY-----"


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


def need_libraries() -> None:
    """
    Import what signs and verifies.

    :raises EvidenceError: `extra`, when it is not installed.
    """
    try:
        import cryptography  # noqa: F401
        import securesystemslib  # noqa: F401
    except ImportError as error:
        msg = f"{error.name}: not installed, expected the extra. Run pip install 'pytest-darkhost[evidence]'"
        raise EvidenceError("extra", msg) from None


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
        raise _refused(path, _why_unreadable(data, passphrase)) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _refused(path, "a key of another kind, expected Ed25519. Make one with: darkhost key new")
    return Signer(path, CryptoSigner(key))


def load_public(path: Path) -> PublicKey:
    """
    Return a public key from a file.

    :raises EvidenceError: `key`, when it cannot be read or is none.
    """
    data = _read(path)
    if b"PRIVATE KEY" in data:
        raise _refused(path, "a private key, expected the public one, such as darkhost.pub. Keep this file to yourself")
    if data.count(_BEGINNING) > 1:
        raise _refused(path, "more than one public key, expected one a file. Give each with its own --key")
    return public_from_pem(data, str(path))


def public_from_pem(data: bytes, place: str, line: int | None = None) -> PublicKey:
    """
    Return the public key that a PEM text holds.

    :raises EvidenceError: `key`, when it holds none of Ed25519.
    """
    need_libraries()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    from securesystemslib.signer import SSlibKey

    try:
        key = load_pem_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        msg = f"{place}: no Ed25519 public key, expected PEM that begins with {_BEGINNING.decode()}"
        raise EvidenceError(_CODE, msg, line)
    return SSlibKey.from_crypto(key)


def pem_of(key: PublicKey) -> bytes:
    """Return a public key as SPKI PEM (RFC 8410), which `openssl` reads."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    raw = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.keyval["public"]))
    return raw.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def write_new(path: Path, passphrase: str | None) -> Path:
    """
    Make a key; write it to a path that is free, readable by its owner alone, and the public one beside it.

    Returns the path of the public key.

    :raises EvidenceError: `key`, when one of the files exists or cannot be written.
    """
    need_libraries()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from securesystemslib.signer import SSlibKey

    public = path.with_suffix(".pub")
    if public == path:
        raise _refused(path, "the name of a public key, expected such as darkhost.pem")
    for each in (path, public):
        if os.path.lexists(each):
            raise _refused(each, "exists already, expected a name that is free. A key is never overwritten")
    key = Ed25519PrivateKey.generate()
    try:
        private = _private_pem(key, passphrase)
    except ValueError:
        raise _refused(
            path, f"${variables.KEY_PASSPHRASE} cannot protect it, expected UTF-8 of at most 1023 bytes"
        ) from None
    _write(public, pem_of(SSlibKey.from_crypto(key.public_key())), 0o644)
    try:
        _write(path, private, 0o600)
    except EvidenceError:
        public.unlink()
        raise
    return public


def _private_pem(key: "Ed25519PrivateKey", passphrase: str | None) -> bytes:
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        KeySerializationEncryption,
        NoEncryption,
        PrivateFormat,
    )

    encryption: KeySerializationEncryption = NoEncryption()
    if passphrase:
        encryption = BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def _write(path: Path, data: bytes, mode: int) -> None:
    """Write a new file, or none: what a full disk left of a key would be in the way of the next one."""
    made = False
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        made = True
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError as error:
        if made:
            path.unlink()
        raise _refused(path, f"cannot be written ({error.strerror}), expected a place for a new file") from None


def _private(path: Path) -> bytes:
    data = _read(path)
    if path.stat().st_mode & _OTHERS:
        raise _refused(
            path, f"can be read by others, expected by its owner alone. Run chmod 600 {shlex.quote(str(path))}"
        )
    return data


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise _refused(path, f"cannot be read ({error.strerror}), expected a key file") from None


def _password(data: bytes, passphrase: str | None) -> bytes | None:
    return passphrase.encode() if passphrase and b"ENCRYPTED" in data else None


def _why_unreadable(data: bytes, passphrase: str | None) -> str:
    if b"ENCRYPTED" not in data:
        return "no private key, expected PEM that begins with -----BEGIN PRIVATE KEY-----"
    if passphrase:
        return f"the passphrase does not open it, expected the one that it was made with in ${variables.KEY_PASSPHRASE}"
    return f"protected by a passphrase, expected it in ${variables.KEY_PASSPHRASE}"


def _refused(path: Path, what: str) -> EvidenceError:
    return EvidenceError(_CODE, f"{path}: {what}")
