"""
The files that keys are in, and what is said of one that is none.
"""

import os
from pathlib import Path

from pytest_darkhost.errors import EvidenceError

CODE = "key"
_LARGEST = 65_536


def need_libraries() -> None:
    """
    Import what signs, verifies and reads.

    :raises EvidenceError: `extra`, when it is not installed.
    """
    try:
        import cryptography  # noqa: F401
        import orjson  # noqa: F401
        import securesystemslib  # noqa: F401
    except ImportError as error:
        msg = f"{error.name}: not installed, expected the extra. Run pip install 'pytest-darkhost[evidence]'"
        raise EvidenceError("extra", msg) from None


def read(path: Path) -> bytes:
    """
    Return the beginning of a file, which holds all of a key.

    :raises EvidenceError: `key`, when it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise refused(path, f"cannot be read ({error.strerror}), expected a key file") from None


def write(path: Path, data: bytes, mode: int) -> None:
    """
    Write a new file, or none: what a full disk left of a key would be in the way of the next one.

    :raises EvidenceError: `key`, when it cannot be written.
    """
    made = False
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        made = True
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError as error:
        if made:
            path.unlink()
        raise refused(path, f"cannot be written ({error.strerror}), expected a place for a new file") from None


def refused(path: Path, what: str) -> EvidenceError:
    """Return the error of a key file."""
    return EvidenceError(CODE, f"{path}: {what}")
