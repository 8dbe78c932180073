"""
New keys.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_darkhost import variables
from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence.keys.files import need_libraries, refused, write
from pytest_darkhost.evidence.keys.public import pem_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


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
        raise refused(path, "the name of a public key, expected such as darkhost.pem")
    for each in (path, public):
        if os.path.lexists(each):
            raise refused(each, "exists already, expected a name that is free. A key is never overwritten")
    key = Ed25519PrivateKey.generate()
    try:
        private = _private_pem(key, passphrase)
    except ValueError:
        raise refused(
            path, f"${variables.KEY_PASSPHRASE} cannot protect it, expected UTF-8 of at most 1023 bytes"
        ) from None
    write(public, pem_of(SSlibKey.from_crypto(key.public_key())), 0o644)
    try:
        write(path, private, 0o600)
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
