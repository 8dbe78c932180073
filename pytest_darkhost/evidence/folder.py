"""
The folder on disk: the bundle's lines and the reports, read as what a stranger wrote. Nothing of it is judged here.

No symbolic link is followed, no name is taken from a file's content without its form, and no more is read than the
limits allow.
"""

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.evidence.envelope import Line, read
from pytest_darkhost.plain_text import one_line

BUNDLE = "bundle.intoto.jsonl"
REPORTS = "reports"
LOCK = ".lock"
LARGEST_LINE = 16 * 2**20
"""Bytes, the line break included."""
LARGEST_REPORT = 512 * 2**20
_FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
"""Those that the system has: an auditor may sit at any."""


def check_folder(folder: Path) -> None:
    """
    Return when the folder has a bundle and no links.

    :raises EvidenceError: `folder`, `empty` or `symlink`.
    """
    if not folder.is_dir():
        msg = f"{folder}: no directory, expected an evidence folder, which holds {BUNDLE}"
        raise EvidenceError("folder", msg)
    check_links(folder)
    if not (folder / BUNDLE).is_file():
        msg = f"{folder}: holds no {BUNDLE}, expected the bundle of an evidence folder"
        raise EvidenceError("empty", msg)


def check_links(folder: Path) -> None:
    """
    Return when nothing in the folder, and nothing among the reports, is a symbolic link.

    :raises EvidenceError: `symlink`.
    """
    for directory in (folder, folder / REPORTS):
        if directory.is_dir():
            with os.scandir(directory) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        raise _link(directory / one_line(entry.name))


def lines(folder: Path) -> Iterator[Line]:
    """
    Yield the lines of the bundle, one at a time.

    :raises EvidenceError: `size`, `partial`, `json` or `envelope`, when the next bytes are no line.
    """
    path = folder / BUNDLE
    with os.fdopen(_opened(path)[0], "rb") as file:
        number, start = 0, 0
        while data := file.readline(LARGEST_LINE + 1):
            number += 1
            if not data.endswith(b"\n"):
                raise _no_line(path, number, start, len(data))
            yield read(data[:-1], number, f"{path}:{number}")
            start += len(data)


def _no_line(path: Path, number: int, start: int, size: int) -> EvidenceError:
    if size > LARGEST_LINE:
        msg = f"{path}:{number}: longer than {LARGEST_LINE} bytes, expected a line of at most that"
        return EvidenceError("size", msg, number)
    msg = (
        f"{path}:{number}: {size} bytes without a line break, expected whole lines: a run was killed while it wrote. "
        f"Cut them off with: truncate -s {start} {shlex.quote(str(path))}"
    )
    return EvidenceError("partial", msg, number)


def read_report(folder: Path, name: str, line: int | None = None) -> bytes:
    """
    Return the bytes of a report.

    :raises EvidenceError: `report` or `size`, when there is none, or one that is too large.
    """
    return read_file(folder / REPORTS / name, line)


def read_file(path: Path, line: int | None = None) -> bytes:
    """
    Return the bytes of a report at any place. See `read_report`.
    """
    descriptor, size = _opened(path, line)
    try:
        # One byte more than there are: room for the largest of all is dear, and a file that grows meanwhile shows.
        data = _read_all(descriptor, size + 1) if size <= LARGEST_REPORT else b""
    finally:
        os.close(descriptor)
    if size > LARGEST_REPORT or len(data) > LARGEST_REPORT:
        msg = f"{path}: larger than {LARGEST_REPORT} bytes, expected a report of at most that"
        raise EvidenceError("size", msg, line)
    return data


def _read_all(descriptor: int, size: int) -> bytes:
    """Return at most so many bytes of a file, in one piece where the system gives them so."""
    data = os.read(descriptor, size)
    while len(data) < size and (more := os.read(descriptor, size - len(data))):
        data += more
    return data


def report_names(folder: Path) -> Iterator[str]:
    """Yield the names of what lies among the reports, in no order."""
    if (folder / REPORTS).is_dir():
        with os.scandir(folder / REPORTS) as entries:
            for entry in entries:
                yield entry.name


def others(folder: Path) -> tuple[str, ...]:
    """Return the names of what lies in the folder and is no part of a bundle, sorted."""
    with os.scandir(folder) as entries:
        return tuple(sorted({entry.name for entry in entries} - {BUNDLE, REPORTS, LOCK}))


def _opened(path: Path, line: int | None = None) -> tuple[int, int]:
    """Return the descriptor of a regular file, and how large it is."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if path.is_symlink():
            raise _link(path, line) from None
        msg = f"{path}: cannot be read ({error.strerror}), expected a file"
        raise EvidenceError("report" if line else "folder", msg, line) from None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        msg = f"{path}: no regular file, expected one"
        raise EvidenceError("report" if line else "folder", msg, line)
    return descriptor, found.st_size


def _link(path: Path, line: int | None = None) -> EvidenceError:
    msg = f"{path}: a symbolic link, expected the file itself: what a link leads to is not in the folder"
    return EvidenceError("symlink", msg, line)
