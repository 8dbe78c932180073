"""A managed venue's process: ready in its own time, told apart when it fails, and never left running."""

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from pytest_darkhost.errors import ServeError
from pytest_darkhost.runner import managed, readiness
from pytest_darkhost.runner.managed import ManagedProcess, ManagedVenue, prepare
from pytest_darkhost.specs.access import Serve

SERVER = textwrap.dedent("""
    import os, signal, socket, subprocess, sys, time

    port, key, *behaviours = int(sys.argv[1]), *sys.argv[2:]
    print("listening with", key, "and", os.environ.get("COMPOSED_KEY"), flush=True)
    if "deaf" in behaviours:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "grandchild" in behaviours:
        child = subprocess.Popen(["sleep", "60"])
        print("grandchild", child.pid, flush=True)
    if "ends" in behaviours:
        print("cannot load the model for", key, flush=True)
        sys.exit(3)
    if "ends_silently" in behaviours:
        os.kill(os.getpid(), signal.SIGKILL)
    if "waits" in behaviours:
        time.sleep(60)
    refusals = 10**9 if "never" in behaviours else 3 if "late" in behaviours else 0
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        connection, _ = listener.accept()
        asked = connection.recv(65536).decode()
        status = "503 Loading" if refusals > 0 or not asked.startswith("GET /ready ") else "200 OK"
        refusals -= 1
        connection.sendall(f"HTTP/1.1 {status}\\r\\nContent-Length: 0\\r\\n\\r\\n".encode())
        connection.close()
""")
COMPOSED_KEY = "composed-user-key-8812"


def served(*behaviours: str, ready_timeout_ms: float = 5000, **changes: object) -> Serve:
    """Return a `serve` block whose command is the small server above."""
    command = ("{python}", "-I", "-S", "-c", SERVER, "{port}", "{key}", *behaviours)
    values = {"id": "small", "command": command, "ready_path": "/ready", "ready_timeout_ms": ready_timeout_ms}
    return Serve.model_validate(values | changes)


def redact(text: str) -> str:
    """Return the text without the key that a user would have in the environment."""
    return text.replace(COMPOSED_KEY, "[redacted]")


def is_running(pid: int) -> bool:
    """Return whether a process exists and is more than a zombie that nobody has reaped."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


def ends_within(pid: int, seconds: float) -> bool:
    """Return whether a process is gone before the time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not is_running(pid):
            return True
        time.sleep(0.02)
    return False


def answer(venue: ManagedVenue) -> int:
    """Return the status that the server answers its readiness path with."""
    connection = http.client.HTTPConnection("127.0.0.1", venue.port, timeout=5)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status
    finally:
        connection.close()


def logged_pid(log: Path, word: str = "grandchild") -> int:
    """Return the process id that a server wrote after a word."""
    words = log.read_text().split()
    return int(words[words.index(word) + 1])


@pytest.fixture
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill what is left after 0.2 s, because a container's first process may be slow to reap what is dead."""
    monkeypatch.setattr(managed, "_GRACE_S", 0.2)


@pytest.fixture
def process(tmp_path: Path) -> Iterator[list[ManagedProcess]]:
    """A list for processes that are ended after the test even if it fails."""
    started: list[ManagedProcess] = []
    yield started
    for one in started:
        asyncio.run(one.stop())


def started(serve: Serve, directory: Path, kept: list[ManagedProcess]) -> ManagedVenue:
    """Return the venue of a process that is started on a loop which then ends."""
    kept.append(ManagedProcess(serve, log_directory=directory, redact=redact))
    return asyncio.run(kept[-1].start())


@pytest.mark.parametrize("behaviours", [(), ("late",)])
@pytest.mark.asyncio
async def test_starts_answers_and_stops(behaviours: tuple[str, ...], tmp_path: Path) -> None:
    """A server that is ready at once or after some 503 is handed over when it answers 200, and is gone afterwards."""
    async with ManagedProcess(served(*behaviours), log_directory=tmp_path / "logs") as venue:
        assert await asyncio.to_thread(answer, venue) == 200
    assert not readiness.is_taken(venue.port)


def test_each_start_has_a_key_of_its_own(tmp_path: Path, process: list[ManagedProcess]) -> None:
    """Two starts never share a key, and no text form shows one."""
    first = started(served(), tmp_path / "1", process)
    second = started(served(), tmp_path / "2", process)
    assert first.key.reveal() != second.key.reveal()
    assert len(first.key.reveal()) >= 40
    assert first.key.reveal() not in repr(first)


@pytest.mark.asyncio
async def test_log_holds_no_key_afterwards(tmp_path: Path) -> None:
    """What the server printed is kept; its own key and the user's are removed."""
    environment = {"COMPOSED_KEY": COMPOSED_KEY}
    async with ManagedProcess(served(environment=environment), log_directory=tmp_path, redact=redact) as venue:
        assert venue.key.reveal() in (tmp_path / "serve-small.log").read_text()
    assert (tmp_path / "serve-small.log").read_text() == "listening with [redacted] and [redacted]\n"
    assert [path.name for path in tmp_path.iterdir()] == ["serve-small.log"]


def test_log_is_private_while_the_server_writes_it(tmp_path: Path, process: list[ManagedProcess]) -> None:
    """The log may hold a key until the server has ended, so that nobody else may read it."""
    started(served(), tmp_path, process)
    assert (tmp_path / "serve-small.log").stat().st_mode & 0o077 == 0


def test_port_and_key_fill_command_and_environment(tmp_path: Path, process: list[ManagedProcess]) -> None:
    """`{port}` and `{key}` are filled in within a word too, and braces of other meanings stay."""
    script = SERVER.replace("int(sys.argv[1]), *sys.argv[2:]", "int(os.environ['PORT'][2:]), os.environ['KEY']")
    script += "\n# {'json': {}}"
    environment = {"PORT": "p={port}", "KEY": "k={key}"}
    serve = served(command=("{python}", "-I", "-S", "-c", script), environment=environment)
    venue = started(serve, tmp_path, process)
    assert answer(venue) == 200
    assert f"listening with k={venue.key.reveal()}" in (tmp_path / "serve-small.log").read_text()


@pytest.mark.usefixtures("short_grace")
def test_never_ready(tmp_path: Path, process: list[ManagedProcess]) -> None:
    """A server that only ever answers 503 fails after its time-out, and is gone."""
    with pytest.raises(ServeError, match=r"^serve small: GET /ready did not answer 200 within 300 ms, expected it\. "):
        started(served("never", "grandchild", ready_timeout_ms=300), tmp_path, process)
    assert ends_within(logged_pid(tmp_path / "serve-small.log"), 10)


def test_accepts_but_never_answers(tmp_path: Path, process: list[ManagedProcess]) -> None:
    """A server that takes connections and says nothing cannot hold the run longer than its time-out."""
    silent = "import socket,sys,time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"
    command = ("{python}", "-I", "-S", "-c", silent, "{port}")
    with pytest.raises(ServeError, match=r"did not answer 200 within 300 ms, expected it\. It wrote nothing"):
        started(served(command=command, ready_timeout_ms=300), tmp_path, process)


def test_ends_early_with_its_last_words(tmp_path: Path, process: list[ManagedProcess]) -> None:
    """A server that ends before it is ready is reported at once, with its exit code and log, without its key."""
    with pytest.raises(ServeError) as caught:
        started(served("ends", environment={"COMPOSED_KEY": COMPOSED_KEY}), tmp_path, process)
    text = str(caught.value)
    assert text.startswith("serve small: the command ended (exit code 3) before it was ready")
    assert "ready, saying 'cannot load the model for [redacted]', expected GET /ready" in text
    assert text.endswith("\n  listening with [redacted] and [redacted]\n  cannot load the model for [redacted]")
    assert str(tmp_path / "serve-small.log") in text


def test_long_log_is_shortened(tmp_path: Path, process: list[ManagedProcess]) -> None:
    """Of a long log only the last lines are shown, and none that begins within a key."""
    chatter = "import sys\nprint(*[f'{n} ' + sys.argv[1] * 40 for n in range(200)], sep='\\n')"
    command = ("{python}", "-I", "-S", "-c", chatter, "{key}")
    with pytest.raises(ServeError) as caught:
        started(served(command=command), tmp_path, process)
    lines = str(caught.value).splitlines()[1:]
    numbers = [line.split()[0] for line in lines]
    assert numbers == [str(n) for n in range(200 - len(lines), 200)]
    assert 1 <= len(lines) <= 12
    assert {line.split()[1] for line in lines} == {"[redacted]" * 40}


def test_killed_by_a_signal_is_named(tmp_path: Path, process: list[ManagedProcess]) -> None:
    """A server that the system killed is told from one that gave up."""
    with pytest.raises(ServeError, match=r"the command ended \(SIGKILL\) before it was ready"):
        started(served("ends_silently"), tmp_path, process)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (("no-such-program-7f3a",), "'no-such-program-7f3a' cannot be run (No such file or directory)"),
        ((os.devnull,), f"'{os.devnull}' cannot be run (Permission denied)"),
    ],
)
def test_command_that_cannot_run(
    command: tuple[str, ...], reason: str, tmp_path: Path, process: list[ManagedProcess]
) -> None:
    """A command that is missing or not executable is one line."""
    with pytest.raises(ServeError) as caught:
        started(served(command=command), tmp_path, process)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_log_directory_that_cannot_be_made(tmp_path: Path, process: list[ManagedProcess]) -> None:
    """A log directory below a plain file is one line, and nothing is started."""
    (tmp_path / "file").touch()
    with pytest.raises(ServeError, match="Not a directory, expected a place for the log"):
        started(served(), tmp_path / "file" / "logs", process)


def test_port_taken_in_between(tmp_path: Path, process: list[ManagedProcess], monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that somebody took after it was chosen costs one more try on another."""
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        ports = [stranger.getsockname()[1], readiness.free_port()]
        monkeypatch.setattr(managed, "free_port", lambda: ports.pop(0))
        expected = ports[1]
        venue = started(served(), tmp_path, process)
    assert venue.port == expected
    assert answer(venue) == 200


def test_port_taken_twice(tmp_path: Path, process: list[ManagedProcess], monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one more try, not an endless number."""
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        monkeypatch.setattr(managed, "free_port", lambda: stranger.getsockname()[1])
        with pytest.raises(ServeError, match="Address already in use"):
            started(served(), tmp_path, process)


@pytest.mark.usefixtures("short_grace")
@pytest.mark.asyncio
async def test_deaf_server_is_killed(tmp_path: Path) -> None:
    """A server that ignores SIGTERM is killed when its grace is over, and its children with it."""
    process = ManagedProcess(served("deaf", "grandchild"), log_directory=tmp_path)
    await process.start()
    begin = time.monotonic()
    await process.stop()
    assert time.monotonic() - begin >= 0.2
    assert not is_running(logged_pid(tmp_path / "serve-small.log"))


@pytest.mark.usefixtures("short_grace")
@pytest.mark.asyncio
async def test_grandchildren_end_too(tmp_path: Path) -> None:
    """What the server started ends with it, and a second stop does nothing."""
    process = ManagedProcess(served("grandchild"), log_directory=tmp_path)
    await process.start()
    grandchild = logged_pid(tmp_path / "serve-small.log")
    assert is_running(grandchild)
    await process.stop()
    await process.stop()
    assert not is_running(grandchild)


@pytest.mark.asyncio
async def test_obedient_server_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that obeys SIGTERM ends the run at once, not when its grace is over."""
    monkeypatch.setattr(managed, "_GRACE_S", 60)
    process = ManagedProcess(served(), log_directory=tmp_path)
    await process.start()
    begin = time.monotonic()
    await process.stop()
    assert time.monotonic() - begin < 30


def test_stop_without_start(tmp_path: Path) -> None:
    """A process that was never started may be stopped."""
    asyncio.run(ManagedProcess(served(), log_directory=tmp_path).stop())
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("short_grace")
@pytest.mark.asyncio
async def test_cancelled_start_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C while a server loads ends it."""
    log = tmp_path / "serve-small.log"
    task = asyncio.create_task(ManagedProcess(served("grandchild", "waits"), log_directory=tmp_path).start())
    while not (log.exists() and "\n" in log.read_text().partition("grandchild")[2]):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not is_running(logged_pid(log))


async def status_of_a_start(directory: Path) -> int:
    """Return what a process answers between its start and its stop on this loop."""
    async with ManagedProcess(served(), log_directory=directory) as venue:
        return await asyncio.to_thread(answer, venue)


def test_loop_of_another_thread(tmp_path: Path) -> None:
    """The broker's loop is not the main thread's."""
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(lambda: asyncio.run(status_of_a_start(tmp_path))).result(10) == 200


PARENT = textwrap.dedent("""
    import asyncio, pathlib, sys
    from pytest_darkhost.runner.managed import ManagedProcess
    from pytest_darkhost.specs.access import Serve

    async def run():
        process = ManagedProcess(Serve.model_validate_json(sys.argv[1]), log_directory=pathlib.Path(sys.argv[2]))
        await process.start()
        print(process._group.id, flush=True)
        await asyncio.sleep(60)

    asyncio.run(run())
""")


@pytest.mark.parametrize("behaviour", ["plain", "deaf"])
def test_killed_parent_ends_the_server(behaviour: str, tmp_path: Path) -> None:
    """After `kill -9` of the run neither the server nor its children stay, even where SIGTERM is ignored."""
    serve = served("grandchild", behaviour).model_dump_json()
    command = [sys.executable, "-c", PARENT, serve, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        server = int(parent.stdout.readline())
        grandchild = logged_pid(tmp_path / "serve-small.log")
        assert is_running(server)
        assert is_running(grandchild)
        parent.send_signal(signal.SIGKILL)
    try:
        assert ends_within(server, 5)
        assert ends_within(grandchild, 5)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server, signal.SIGKILL)


def test_prepare_shows_its_output(capfd: pytest.CaptureFixture[str]) -> None:
    """The prepare command writes to the run's own output; values that need a port or a key are not set for it."""
    script = "import os,sys; print(os.environ['A'], 'B' in os.environ); print('progress', file=sys.stderr)"
    prepare(served(prepare=("{python}", "-c", script), environment={"A": "seen", "B": "{key}"}))
    assert capfd.readouterr() == ("seen False\n", "progress\n")


def test_nothing_to_prepare(capfd: pytest.CaptureFixture[str]) -> None:
    """A block without a prepare command prepares nothing."""
    prepare(served())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (("{python}", "-c", "raise SystemExit(1)"), "the prepare command ended with exit code 1, expected 0"),
        (("no-such-program-7f3a",), "'no-such-program-7f3a' cannot be run (No such file or directory)"),
    ],
)
def test_prepare_fails(command: tuple[str, ...], text: str) -> None:
    """A prepare command that fails or is missing stops the venue in one line."""
    with pytest.raises(ServeError) as caught:
        prepare(served(prepare=command))
    assert str(caught.value).startswith("serve small: ")
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
