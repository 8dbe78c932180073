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
_SIGN = 0x80
"""The bit of the last byte that holds the sign of x."""
_SMALL_ORDER = frozenset(
    bytes.fromhex(point)
    for point in (
        "00" * 32,
        f"01{'00' * 31}",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        f"ec{'ff' * 30}7f",
        f"ed{'ff' * 30}7f",
        f"ee{'ff' * 30}7f",
    )
)
"""
Points that are no key, without their sign: for these anybody finds a signature that OpenSSL takes (RFC 8032 leaves it
to the user). All that there are, in each spelling, as libsodium has them.
"""


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

    :raises EvidenceError: `key`, when it holds none of Ed25519, or one with which anybody can sign.
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
    if _without_sign(key.public_bytes_raw()) in _SMALL_ORDER:
        msg = f"{place}: a point of small order, with which anybody can sign, expected a key that somebody has made"
        raise EvidenceError(CODE, msg, line)
    return SSlibKey.from_crypto(key)


def _without_sign(point: bytes) -> bytes:
    return point[:-1] + bytes([point[-1] & ~_SIGN])


def pem_of(key: PublicKey) -> bytes:
    """Return a public key as SPKI PEM (RFC 8410), which `openssl` reads."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    raw = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.keyval["public"]))
    return raw.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
