"""
Files that are written as a whole or not at all, in place of what was there.
"""

import errno
import os
import secrets
from collections.abc import Mapping
from pathlib import Path


def replace_file(path: Path, data: bytes) -> None:
    """
    Write a file so that whoever reads it finds the old bytes or the new ones, and never a part. Raises `OSError`.

    It gets the permissions of a new file. A symbolic link is replaced itself: where it points nothing is written.
    """
    replace_files({path: data})


def replace_files(files: Mapping[Path, bytes]) -> None:
    """
    Write files as `replace_file` does. None is replaced before all are written beside, and all have a free name.

    A full disk, say, leaves all of them as they were. Raises `OSError`.
    """
    beside: dict[Path, Path] = {}
    try:
        for path, data in files.items():
            _make_room(path)
            beside[path] = path.parent / f".{path.name}-{secrets.token_hex(8)}"
            _write(beside[path], data)
        for path, written in beside.items():
            written.replace(path)
    finally:
        for written in beside.values():
            written.unlink(missing_ok=True)


def _make_room(path: Path) -> None:
    """Make the directory of a file. Raises `OSError` where there cannot be one, or a directory has the file's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
