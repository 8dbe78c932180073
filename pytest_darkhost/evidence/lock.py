"""
One run at a time: an advisory lock (`flock`) on a file that says who holds it. It is gone when its process is.
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence.folder import LOCK
from pytest_darkhost.plain_text import one_line

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LONGEST = 500


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """
    Hold the folder's lock.

    :raises EvidenceError: `locked`, at once, when another process holds it; `folder`, when it cannot be made.
    """
    path = folder / LOCK
    try:
        descriptor = os.open(path, _FLAGS, 0o644)
    except OSError as error:
        msg = f"{path}: cannot be made ({error.strerror}), expected a folder that can be written"
        raise EvidenceError("folder", msg) from None
    try:
        _take(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        msg = f"{path}: no regular file, expected one. Remove it"
        raise EvidenceError("folder", msg)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = one_line(os.read(descriptor, _LONGEST).decode("utf-8", "replace"))
        msg = f"{path}: held by {holder or 'another run'}, expected no run at work here. Wait until it has ended"
        raise EvidenceError("locked", msg) from None
    with suppress(OSError):  # on a full disk it is held all the same
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n".encode())
