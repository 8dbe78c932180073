"""
What a command finds around it: standard streams that are closed, full or ASCII, and a current directory that is gone.
"""

import io
import os
import sys
from contextlib import suppress
from pathlib import Path

_LAST_STREAM = 2


def open_streams() -> None:
    """
    Have standard streams that can be written to.

    One that is closed (`>&-`) leads nowhere afterwards: a file that is opened would get its number otherwise. What
    the encoding of the output has not becomes escapes: names are not ours to choose, and a CI log may be ASCII.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _LAST_STREAM:
        os.set_inheritable(descriptor, True)  # noqa: FBT003
    os.close(descriptor)
    sys.stdout = sys.stdout or _nowhere()
    sys.stderr = sys.stderr or _nowhere()
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _nowhere() -> io.TextIOWrapper:
    return Path(os.devnull).open("w", encoding="utf-8")


def forget_output() -> None:
    """Have what was not written go nowhere, so that Python does not try, and complain, once more at its end."""
    with suppress(OSError, ValueError):  # a stream of no file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def is_here() -> bool:
    """Return whether the current directory is still there."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True
