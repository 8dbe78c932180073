"""
Temporary directories whose lock says that they are in use, so that those of killed runs can be told and removed.

The kernel gives the lock (flock) back when the last process that holds it ends, however it ends.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

IN_USE = "in-use"
_END_TIMEOUT_S = 5.0


class Scratch:
    """A directory that is held as long as this object is open. Others may hold it too."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def make(cls, prefix: str, parent: Path) -> "Scratch":
        """Return a new directory, held from its first moment on. Raises `OSError`."""
        new = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        # Locked before it has its name: a directory without the name is not taken for a leftover.
        lock = os.open(new / "new", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_SH)
        (new / "new").rename(new / IN_USE)
        return cls(new, lock)

    @classmethod
    def make_at(cls, path: Path) -> "Scratch | None":
        """Return a new directory of this name, held, which others may enter but not list; `None` if it is there."""
        made = cls.make(f"{path.name}.", path.parent)
        made.path.chmod(0o711)
        try:
            made.path.rename(path)
        except OSError:
            made.close()
            return None
        made.path = path
        return made

    @classmethod
    def join(cls, path: Path) -> "Scratch | None":
        """Return the directory of this user, held once more, or `None` if it is not there or about to be removed."""
        if not _is_ours(path):
            return None
        try:
            lock = os.open(path / IN_USE, os.O_RDWR | os.O_NOFOLLOW)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if _locked(lock, fcntl.LOCK_SH) and os.fstat(lock).st_nlink:
            return cls(path, lock)
        os.close(lock)
        return None

    def close(self) -> None:
        """Let go of the directory, and remove it if nobody else holds it. Twice does no harm."""
        if self._lock < 0:
            return
        if _locked(self._lock, fcntl.LOCK_EX):
            remove(self.path)
        os.close(self._lock)
        self._lock = -1


def sweep(prefix: str, parent: Path) -> tuple[Path, ...]:
    """Remove directories of this user that nobody holds, and return them: their runs were killed."""
    return tuple(path for path in sorted(parent.glob(f"{prefix}*")) if _is_ours(path) and _swept(path))


def remove(path: Path) -> None:
    """Remove a directory, and stop the PostgreSQL server that runs in it, if one does."""
    _stop_server(path / "data")
    shutil.rmtree(path, ignore_errors=True)


def _swept(path: Path) -> bool:
    try:
        lock = os.open(path / IN_USE, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        unused = _locked(lock, fcntl.LOCK_EX) and os.fstat(lock).st_nlink > 0
        if unused:
            remove(path)
        return unused
    finally:
        os.close(lock)


def _is_ours(path: Path) -> bool:
    with suppress(OSError):
        return path.lstat().st_uid == os.geteuid() and path.is_dir() and not path.is_symlink()
    return False


def _locked(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _stop_server(data: Path) -> None:
    """Send SIGQUIT, which ends the server at once without a checkpoint: nobody needs its data any more."""
    with suppress(OSError, ValueError, IndexError):
        process = int((data / "postmaster.pid").read_text().splitlines()[0])
        # The file may be old, and the number somebody else's by now.
        if _serves(process, data):
            os.kill(process, signal.SIGQUIT)
            deadline = time.monotonic() + _END_TIMEOUT_S
            while _serves(process, data) and time.monotonic() < deadline:
                time.sleep(0.01)


def _serves(process: int, data: Path) -> bool:
    """Return whether a process is a server of this data directory. One that has ended shows no command line."""
    return str(data) in _command(process)


def _command(process: int) -> str:
    """Return a process's command line. Small containers have no `ps`, macOS has no `/proc`."""
    if Path("/proc/self").exists():
        file = Path(f"/proc/{process}/cmdline")
        return file.read_text() if file.exists() else ""
    command = ("/bin/ps", "-o", "command=", "-p", str(process))
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - fixed program
