"""
A PostgreSQL server for a test run, from the programs that the machine has. Not a fixture, and never a server of others.
"""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, create_engine
from sqlalchemy.pool import NullPool

USER = "darkhost"
PASSWORD = "canary-P@ss/w:rd"
"""Holds the characters that URLs must encode."""
_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=127.0.0.1")


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int

    def url(self, database: str = "postgres", **changes: object) -> URL:
        """Return the URL of a database on this server, with parts of it changed."""
        url = URL.create("postgresql+psycopg", USER, PASSWORD, "127.0.0.1", self.port, database)
        return url.set(**changes)  # type: ignore[arg-type]

    @contextmanager
    def database(self) -> Iterator[URL]:
        """Yield the URL of a new, empty database, and drop it afterwards, whoever is connected."""
        name = f"test_{secrets.token_hex(6)}"
        self._run(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        engine = create_engine(self.url(), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


def find_programs() -> Path | None:
    """Return the directory that holds `initdb` and `postgres`, the newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]), reverse=True)
    on_path = shutil.which("initdb")
    candidates = [*found, *([Path(on_path)] if on_path else [])]
    return next((path.parent for path in candidates if (path.parent / "postgres").exists()), None)


@contextmanager
def running(programs: Path) -> Iterator[Server]:
    """Yield a server with a data directory of its own, and stop it. As root it runs as the user `postgres`."""
    home = Path(tempfile.mkdtemp(prefix="darkhost-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
    try:
        _initialise(programs, home)
        port = _free_port()
        options = " ".join([f"-p {port}", f"-k {home}", *(f"-c {setting}" for setting in _SETTINGS)])
        _call(programs / "pg_ctl", "start", "-w", "-D", home / "data", "-l", home / "log", "-o", options)
        try:
            yield Server(port)
        finally:
            _call(programs / "pg_ctl", "stop", "-m", "immediate", "-D", home / "data")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _initialise(programs: Path, home: Path) -> None:
    password = home / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    authentication = ("--auth=scram-sha-256", f"--username={USER}", f"--pwfile={password}")
    _call(programs / "initdb", "-D", home / "data", *authentication, "--encoding=UTF8", "--locale=C", "--no-sync")


def _call(program: Path, *arguments: str | Path) -> None:
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_user, str(program), *map(str, arguments)]
    done = subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0, f"{program.name} ended with {done.returncode}: {done.stderr.decode()}"


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
