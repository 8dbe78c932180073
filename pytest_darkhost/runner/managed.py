"""
A managed venue's process: prepared, started on a free port with a fresh key, awaited until it is ready, and ended.

It knows nothing of probes: who asks for a venue waits for `start`, and calls `stop` when the last probe is done.
"""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from pytest_darkhost.errors import ServeError
from pytest_darkhost.runner.processes import ProcessGroup, exit_text
from pytest_darkhost.runner.readiness import free_port, is_taken, until_answers
from pytest_darkhost.secrets import Credential, Redactor
from pytest_darkhost.specs.access import Serve

_GRACE_S = 3.0
_TAIL_LINES = 12
_LAST_CHARACTERS = 100
_TAIL_BYTES = 16_384
_CLEAN_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class ManagedVenue:
    """Where a managed venue listens, and the key that it was started with."""

    port: int
    key: Credential


class _PortTakenError(ServeError):
    """Somebody else listens on the port that was free when it was chosen."""


class ManagedProcess:
    """
    One process of a `serve` block, from `start` to `stop`, or for an `async with` statement.

    `redact` removes the user's keys from the log, which is `<log_directory>/serve-<id>.log`; the process's own fresh
    key is removed besides.
    """

    def __init__(self, serve: Serve, *, log_directory: Path, redact: Callable[[str], str] = str) -> None:
        self._serve = serve
        self._log = log_directory / f"serve-{serve.id}.log"
        self._redact = redact
        self._group: ProcessGroup | None = None
        self._key = Credential(secrets.token_urlsafe(32))

    async def start(self) -> ManagedVenue:
        """
        Return the venue once its readiness path answers 200.

        Raises `ServeError` when the command cannot be run, ends early or is not ready in time; nothing is left running.
        """
        try:
            return await self._start_on(free_port())
        except _PortTakenError:
            return await self._start_on(free_port())

    async def stop(self) -> None:
        """End the process and all its descendants; a second call does nothing."""
        group, self._group = self._group, None
        if group is None:
            return
        try:
            await group.end(_GRACE_S)
        finally:
            self._clean_log()

    async def __aenter__(self) -> ManagedVenue:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _start_on(self, port: int) -> ManagedVenue:
        self._key = Credential(secrets.token_urlsafe(32))
        self._group = self._spawned(port)
        try:
            await self._until_ready(self._group, port)
        except BaseException:
            await self.stop()
            raise
        return ManagedVenue(port, self._key)

    def _spawned(self, port: int) -> ProcessGroup:
        values = {"port": str(port), "key": self._key.reveal(), "python": sys.executable}
        command = [_filled(part, values) for part in self._serve.command]
        added = {name: _filled(value, values) for name, value in self._serve.environment.items()}
        self._new_log()
        try:
            return ProcessGroup(command, {**os.environ, **added}, self._log)
        except OSError as error:
            shown = self._clean(command[0])
            msg = f"{self._place}: {shown!r} cannot be run ({error.strerror}), expected a command"
            raise ServeError(msg) from None

    def _new_log(self) -> None:
        try:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            self._log.unlink(missing_ok=True)
            self._log.touch(mode=0o600)
        except OSError as error:
            msg = f"{self._place}: {self._log}: {error.strerror}, expected a place for the log"
            raise ServeError(msg) from None

    async def _until_ready(self, group: ProcessGroup, port: int) -> None:
        ready = asyncio.create_task(until_answers(port, self._serve.ready_path))
        ended = asyncio.create_task(group.until_ended())
        try:
            timeout_s = self._serve.ready_timeout_ms / 1000
            done, _ = await asyncio.wait({ready, ended}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
            ended.cancel()
        code = group.exit_code()  # asked last: what answered may be somebody else, on a port that was taken
        if code is not None:
            raise self._ended(code, port)
        if ready not in done:
            raise self._late()

    def _late(self) -> ServeError:
        path, timeout_ms = self._serve.ready_path, self._serve.ready_timeout_ms
        late = f"GET {path} did not answer 200 within {timeout_ms:g} ms"
        return ServeError(f"{self._place}: {late}, expected it{self._tail()}")

    def _ended(self, code: int, port: int) -> ServeError:
        kind = _PortTakenError if is_taken(port) else ServeError
        path = self._serve.ready_path
        return kind(
            f"{self._place}: the command ended ({exit_text(code)}) before it was ready{self._last_words()},"
            f" expected GET {path} to answer 200{self._tail()}"
        )

    @property
    def _place(self) -> str:
        return f"serve {self._serve.id}"

    def _clean(self, text: str) -> str:
        return Redactor.of([self._key]).clean(self._redact(text))

    def _last_words(self) -> str:
        """Return the last line of the log: it says most, and what shows an error may cut its end off."""
        # The first line may begin within a key, which would not be recognised.
        lines = self._clean(self._log.read_text(errors="replace")[-_TAIL_BYTES:]).splitlines()
        lines = lines[1:] if self._log.stat().st_size > _TAIL_BYTES else lines
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f", saying {last[:_LAST_CHARACTERS]!r}" if last else ""

    def _tail(self) -> str:
        size = self._log.stat().st_size
        with self._log.open("rb") as file:
            file.seek(max(0, size - _TAIL_BYTES))
            lines = self._clean(file.read().decode(errors="replace")).splitlines()
        if size > _TAIL_BYTES:
            lines = lines[1:]  # it may begin within a key, which would not be recognised
        if not lines:
            return ". It wrote nothing" if not size else f". Its log is {self._log}"
        return "\n  ".join([f". The end of {self._log}:", *lines[-_TAIL_LINES:]])

    def _clean_log(self) -> None:
        """Rewrite the log without keys. The process writes it itself, so that no thread of ours runs beside probes."""
        cleaned = self._log.with_suffix(".cleaned")
        with self._log.open(errors="replace") as raw, cleaned.open("w") as file:
            while lines := raw.readlines(_CLEAN_BYTES):
                file.write(self._clean("".join(lines)))
        cleaned.replace(self._log)


def prepare(serve: Serve) -> None:
    """
    Run the block's `prepare` command in the foreground, with its output shown; nothing if it has none.

    Values of the environment that need a port or a key are left out: there is neither yet. Raises `ServeError`.
    """
    if not serve.prepare:
        return
    command = [_filled(part, {"python": sys.executable}) for part in serve.prepare]
    added = {n: v for n, v in serve.environment.items() if "{port}" not in v and "{key}" not in v}
    place = f"serve {serve.id}"
    sys.stdout.flush()
    try:
        done = subprocess.run(command, env={**os.environ, **added}, stdin=subprocess.DEVNULL, check=False)  # noqa: S603
    except OSError as error:
        msg = f"{place}: {command[0]!r} cannot be run ({error.strerror}), expected the prepare command"
        raise ServeError(msg) from None
    if done.returncode:
        msg = f"{place}: the prepare command ended with {exit_text(done.returncode)}, expected 0. Its output is above"
        raise ServeError(msg)


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
