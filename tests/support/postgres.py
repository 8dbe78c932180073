"""
A PostgreSQL server for a test run that takes passwords on a loopback port. Not a fixture, and never a server of others.
"""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine
from sqlalchemy.pool import NullPool

from pytest_darkhost.migrations.databases.places import candidates
from pytest_darkhost.migrations.databases.programs import Account, account, find_programs, usable_programs
from pytest_darkhost.runner.readiness import free_port

USER = "darkhost"
PASSWORD = "canary-P@ss/w:rd"
"""Holds the characters that URLs must encode."""
_SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "listen_addresses=127.0.0.1",
)


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int

    def url(self, database: str = "postgres", **changes: object) -> URL:
        """Return the URL of a database on this server, with parts of it changed."""
        url = URL.create("postgresql+psycopg", USER, PASSWORD, "127.0.0.1", self.port, database)
        return url.set(**changes)  # type: ignore[arg-type]

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[URL]:
        """Yield the URL of a new database, empty or a copy, and drop it afterwards, whoever is connected."""
        name = f"test_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        engine = create_engine(self.url(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


@contextmanager
def running() -> Iterator[Server]:
    """Yield a server with a data directory of its own, and stop it. As root it runs as another user."""
    found, who = find_programs(), account()
    assert found, "the extra 'postgres' brings programs"
    home = Path(tempfile.mkdtemp(prefix="darkhost-postgres-", dir=next(candidates())))
    home.chmod(0o711)
    programs = usable_programs(found, who, home) / "bin"
    os.chown(home, who.user, who.group)
    try:
        _initialise(programs, home, who)
        port = free_port()
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        process = _start(who, programs / "postgres", "-D", home / "data", "-p", str(port), "-k", home, *settings)
        try:
            _wait_until_ready(process, home / "data" / "postmaster.pid")
            yield Server(port)
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout=20)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _initialise(programs: Path, home: Path, who: Account) -> None:
    password = home / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    authentication = ("--auth=scram-sha-256", f"--username={USER}", f"--pwfile={password}")
    options = ("--locale=C", "--encoding=UTF8", "-N")
    process = _start(who, programs / "initdb", "-D", home / "data", *authentication, *options)
    assert process.wait(timeout=60) == 0, "initdb failed"


def _start(who: Account, program: Path, *arguments: str | Path) -> "subprocess.Popen[bytes]":
    switch: dict[str, Any] = {"user": who.user, "group": who.group, "extra_groups": []}
    return subprocess.Popen(
        [program, *arguments],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **(switch if os.geteuid() == 0 else {}),
    )


def _wait_until_ready(process: "subprocess.Popen[bytes]", status: Path) -> None:
    """Wait for the line by which the server says that it takes connections (`pg_ctl` does the same)."""
    for _ in range(1000):
        assert process.poll() is None, "the server ended while it started"
        if status.exists() and status.read_text().splitlines()[7:8] == ["ready   "]:
            return
        time.sleep(0.01)
    msg = "the server was not ready after 10 s"
    raise TimeoutError(msg)
