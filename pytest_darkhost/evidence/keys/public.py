"""
Public keys.
"""

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence.keys.files import CODE, need_libraries, read, refused

if TYPE_CHECKING:
    from securesystemslib.signer import SSlibKey

PublicKey: TypeAlias = "SSlibKey"
_BEGINNING = b"-----BEGIN PUBLIC KEY-----"


def load_public(path: Path) -> PublicKey:
    """
    Return a public key from a file.

    :raises EvidenceError: `key`, when it cannot be read or is none.
    """
    data = read(path)
    if b"PRIVATE KEY" in data:
        raise refused(path, "a private key, expected the public one, such as darkhost.pub. Keep this file to yourself")
    if data.count(_BEGINNING) > 1:
        raise refused(path, "more than one public key, expected one a file. Give each with its own --key")
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
        raise EvidenceError(CODE, msg, line)
    return SSlibKey.from_crypto(key)


def pem_of(key: PublicKey) -> bytes:
    """Return a public key as SPKI PEM (RFC 8410), which `openssl` reads."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    raw = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.keyval["public"]))
    return raw.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
