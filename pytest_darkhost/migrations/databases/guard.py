"""
A program: starts a PostgreSQL server and outlives those who use it, to end it when the last of them is gone.

`python -I -S guard.py <directory> <user id> <group id> <program> <argument>...`. It returns once a process in the
background has begun. It is run by its path and imports the standard library only.
"""

import fcntl
import os
import shutil
import signal
import sys
import time
from pathlib import Path

_PARTS = 4


def main(directory: Path, user: int, group: int, command: list[str]) -> None:
    """Leave the process that called, start the server, wait until nobody holds the directory, and remove both."""
    if os.fork():
        return
    os.setsid()
    # Ended children leave no zombie: others wait for the server to be gone.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    server = os.fork()
    if server == 0:
        _become(directory, user, group, command)
    _quiet(os.devnull)
    lock = os.open(directory / "in-use", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    # Who let go of it last may have done all this already.
    if os.fstat(lock).st_nlink:
        _end(server)
        shutil.rmtree(directory, ignore_errors=True)


def _become(directory: Path, user: int, group: int, command: list[str]) -> None:
    _quiet(str(directory / "log"))
    os.chdir("/")
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    os.execv(command[0], command)  # noqa: S606 - the whole purpose of this program


def _quiet(output: str) -> None:
    """Let go of the caller's pipes: it would wait for their end."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)


def _end(server: int) -> None:
    try:
        os.kill(server, signal.SIGQUIT)
        for _ in range(500):
            os.kill(server, 0)
            time.sleep(0.01)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    place, uid, gid, *rest = sys.argv[1:]
    main(Path(place), int(uid), int(gid), rest)
