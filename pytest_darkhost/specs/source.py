"""
A spec file as text: what must be true of it before a YAML parser may see it.
"""

import re
from pathlib import Path

from pytest_darkhost.errors import SpecError, SpecMistake

MAX_BYTES = 1_000_000
"""Larger files are refused unread; a spec of 500 models has about 200 000."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def shown_file(path: Path, root: Path) -> str:
    """Return a path relative to the root directory where it lies under it, with forward slashes."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def read_bytes(path: Path, name: str) -> bytes:
    """Return a file's bytes. `name` is how mistakes call it. Raises `SpecError`."""
    try:
        if not path.is_file():
            what = "is a directory" if path.is_dir() else "is no file" if path.exists() else "does not exist"
            raise _mistake(name, 1, f"the path {what}, expected a YAML file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _mistake(name, 1, f"the file cannot be read ({error.strerror}), expected a readable file") from None
    if len(data) > MAX_BYTES:
        raise _mistake(name, 1, f"the file is larger than {MAX_BYTES} bytes, expected at most that")
    return data


def decoded(data: bytes, name: str) -> str:
    """Return the text of a file, a byte order mark left in. Raises `SpecError` for what is not printable UTF-8."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _mistake(name, line, "the bytes are not UTF-8, expected text in UTF-8") from None
    found = _UNPRINTABLE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise _mistake(name, line, f"the control character U+{ord(found[0]):04X} is in it, expected printable text")
    return text


def _mistake(name: str, line: int, text: str) -> SpecError:
    return SpecError((SpecMistake(name, line, text),))
