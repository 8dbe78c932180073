"""
A MariaDB server for a test run: a data directory of its own, a loopback port, users with passwords. Not a fixture.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from pytest_darkhost.migrations.databases.places import candidates
from pytest_darkhost.runner.readiness import free_port

USER = "darkhost"
PASSWORD = "canary-P@ss/w:rd"
"""Holds the characters that URLs must encode."""
_READY_TIMEOUT_S = 30
_NO_TLS = {"ssl_disabled": "true"}
"""The server speaks none, and PyMySQL would read the machine's certificates for each connection."""
_PLACES = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec")
"""Where distributions put servers; not everybody has them on PATH."""
_USERS = (
    f"CREATE USER '{USER}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
    f"GRANT ALL PRIVILEGES ON *.* TO '{USER}'@'127.0.0.1' WITH GRANT OPTION;\n"
)
_SETTINGS = (
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--innodb-flush-method=nosync",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=OFF",
    "--innodb-buffer-pool-size=16M",
    "--innodb-log-file-size=4M",
    "--innodb-fast-shutdown=2",
    "--aria-pagecache-buffer-size=1M",
    "--key-buffer-size=64K",
)


@dataclass(frozen=True)
class Programs:
    """What it takes."""

    install: Path
    server: Path


def programs() -> Programs | None:
    """Return MariaDB's programs on this machine, `None` where it has none."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *_PLACES))
    found = [shutil.which(name, path=path) for name in ("mariadb-install-db", "mariadbd")]
    return Programs(Path(found[0]), Path(found[1])) if found[0] and found[1] else None


@contextmanager
def running(found: Programs) -> Iterator[URL]:
    """Yield the URL of a new server, whose user may do everything, and stop it."""
    home = Path(tempfile.mkdtemp(prefix="darkhost-mariadb-", dir=next(candidates())))
    try:
        with _started(found, home) as url:
            yield url
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _started(found: Programs, home: Path) -> Iterator[URL]:
    data, init, log = home / "data", home / "init.sql", home / "log"
    temporary = home / "tmp"  # of its own: a server that starts removes what looks like a temporary table there
    temporary.mkdir()
    own = (
        "--no-defaults",
        f"--datadir={data}",
        f"--tmpdir={temporary}",
        *(["--user=root"] if os.geteuid() == 0 else []),
    )
    made = [found.install, *own, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(made, check=True, capture_output=True, cwd=home)
    init.write_text(_USERS)
    port = free_port()
    places = (f"--port={port}", f"--socket={home}/socket", f"--pid-file={home}/pid", f"--init-file={init}")
    with log.open("wb") as output:
        command = [found.server, *own, *places, *_SETTINGS]
        with subprocess.Popen(command, stdout=output, stderr=output, cwd=home) as process:
            try:
                url = URL.create("mysql+pymysql", USER, PASSWORD, "127.0.0.1", port, "mysql", _NO_TLS)
                _wait_until_ready(process, url, log)
                yield url
            finally:
                process.kill()  # nobody needs its data any more


def _wait_until_ready(process: "subprocess.Popen[bytes]", url: URL, log: Path) -> None:
    """Wait for the first login: the server runs its `--init-file` before it takes any."""
    engine = create_engine(url, poolclass=NullPool)
    deadline = time.monotonic() + _READY_TIMEOUT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server ended while it started: {log.read_text()}"
        with suppress(OperationalError), engine.connect():
            return
        time.sleep(0.02)
    msg = f"the server was not ready after {_READY_TIMEOUT_S} s"
    raise TimeoutError(msg)
