"""
A command with a process group of its own, which ends as a whole: when it is told to, and when this process is killed.

It knows neither venues nor readiness, and works on a loop that is not the main thread's: asyncio's own subprocesses
need a child watcher there on Python 3.11, so children are polled.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

POLL_S = 0.02
_KILL_WAIT_S = 5.0

_GUARD = """
while read -r _; do :; done
kill -s TERM -- "-$1"
sleep 1
kill -s KILL -- "-$1"
"""
"""POSIX shell: waits for the end of its input, which comes when the writer of the pipe is gone, however it died."""


class ProcessGroup:
    """A running command, its descendants, and the guard that outlives this process to end them."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start the command with its output in `log`. Raises `OSError` when it cannot be run."""
        ours, self._held = os.pipe()
        try:
            with log.open("ab") as output:
                self._leader = subprocess.Popen(  # noqa: S603 - the user's own spec names it
                    command,
                    stdin=ours,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    start_new_session=True,
                )
            self._guard = self._guarded(ours)
        except BaseException:
            os.close(self._held)
            raise
        finally:
            os.close(ours)

    @property
    def id(self) -> int:
        """The group's id, which is its leader's process id."""
        return self._leader.pid

    def exit_code(self) -> int | None:
        """Return the leader's exit code, negative for a signal; `None` while it runs."""
        return self._leader.poll()

    async def until_ended(self) -> None:
        """Return once the leader has ended."""
        while self.exit_code() is None:  # noqa: ASYNC110 - it is polled, as the module says
            await asyncio.sleep(POLL_S)

    async def end(self, grace_s: float) -> None:
        """End all processes of the group: SIGTERM, and SIGKILL for what is there after `grace_s`."""
        clock = asyncio.get_running_loop().time
        try:
            self._signal(signal.SIGTERM)
            deadline = clock() + grace_s
            while self._exists() and clock() < deadline:  # noqa: ASYNC110 - the kernel sets no event for a group
                await asyncio.sleep(POLL_S)
        finally:
            self.kill()

    def kill(self) -> None:
        """Kill what is left of the group at once. Once is enough, twice does no harm."""
        if self._held < 0:
            return
        self._signal(signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            self._leader.wait(_KILL_WAIT_S)
        self._guard.kill()  # before the pipe closes: its group's id may belong to somebody else soon
        self._guard.wait()
        os.close(self._held)
        self._held = -1

    def _exists(self) -> bool:
        self._leader.poll()  # reaps it: a zombie would count as there
        try:
            os.killpg(self.id, 0)
        except (ProcessLookupError, PermissionError):  # macOS: the second for a group of zombies
            return False
        return True

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.id, number)

    def _guarded(self, pipe: int) -> subprocess.Popen[bytes]:
        """Start the guard, in a session of its own, so that Ctrl-C in a terminal does not reach it."""
        command = ("/bin/sh", "-c", _GUARD, "darkhost-guard", str(self.id))
        quiet = subprocess.DEVNULL
        try:
            return subprocess.Popen(command, stdin=pipe, stdout=quiet, stderr=quiet, start_new_session=True)  # noqa: S603
        except BaseException:
            self._signal(signal.SIGKILL)
            self._leader.wait(_KILL_WAIT_S)
            raise


def exit_text(code: int) -> str:
    """Return an exit code in words: `exit code 3`, `SIGKILL`."""
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
