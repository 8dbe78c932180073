"""
Ed25519 keys: private ones as PKCS #8 PEM, public ones as SPKI PEM, as `openssl` writes and reads them.

The libraries come with the extra `evidence` and are imported where they are used.
"""

from pytest_darkhost.evidence.keys.making import write_new
from pytest_darkhost.evidence.keys.public import PublicKey, load_public, pem_of, public_from_pem
from pytest_darkhost.evidence.keys.signers import Signer, load_signer

__all__ = ["PublicKey", "Signer", "load_public", "load_signer", "pem_of", "public_from_pem", "write_new"]
