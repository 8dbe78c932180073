"""
Writes to the folder that happen wholly or not at all, as far as the disk can promise it.
"""

import errno
import os
from contextlib import suppress
from pathlib import Path

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence.folder import BUNDLE, REPORTS

_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""`O_NONBLOCK`: a pipe that nobody reads would be waited for."""


def make_folder(folder: Path) -> None:
    """
    Make the folder and that of the reports, where they are not there yet.

    :raises EvidenceError: `folder`.
    """
    try:
        (folder / REPORTS).mkdir(parents=True, exist_ok=True)
        os.close(os.open(folder / BUNDLE, _APPEND, 0o644))
        _sync_directory(folder)
    except OSError as error:
        raise _unwritten(folder, error, "folder") from None


def append_line(folder: Path, line: bytes, before: int) -> None:
    """
    Append a line to the bundle in one write, and have it on the disk. When that fails, nothing of it stays.

    `before` is how many bytes the bundle must have: git or a hand may have put back another one since it was verified.

    :raises EvidenceError: `write`.
    """
    path = folder / BUNDLE
    descriptor = os.open(path, _APPEND, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        if size != before:
            msg = f"{path}: has {size} bytes, expected the {before} that were verified: it was changed during the run"
            raise EvidenceError("write", msg)
        try:
            _write(descriptor, line + b"\n")
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(descriptor, size)
            raise _unwritten(path, error) from None
    finally:
        os.close(descriptor)


def add_report(folder: Path, name: str, data: bytes) -> Path:
    """
    Write a report beside its name, have it on the disk, then give it the name.

    :raises EvidenceError: `write`.
    """
    path = folder / REPORTS / name
    partial = path.with_suffix(".partial")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        try:
            _write(descriptor, data)
        finally:
            os.close(descriptor)
        partial.rename(path)
        _sync_directory(path.parent)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise _unwritten(path, error) from None
    return path


def _write(descriptor: int, data: bytes) -> None:
    done = os.write(descriptor, data)
    if done != len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(descriptor)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritten(path: Path, error: OSError, code: str = "write") -> EvidenceError:
    msg = f"{path}: cannot be written ({error.strerror}), expected a place that can"
    return EvidenceError(code, msg)
