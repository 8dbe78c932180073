"""What a killed run leaves is recognised and removed, and nothing else is."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from pytest_darkhost.migrations.databases import embedded, places, scratch
from pytest_darkhost.migrations.databases.names import Maker
from pytest_darkhost.migrations.databases.opening import open_server
from pytest_darkhost.migrations.databases.postgresql import postgresql_server
from pytest_darkhost.migrations.databases.values import Database, Server

_PROGRAM = """
import signal, sys, time
from pytest_darkhost.migrations.databases.opening import open_server
signal.signal(signal.SIGINT, signal.default_int_handler)
server = open_server(sys.argv[1])
try:
    print(server.create().url.render_as_string(hide_password=False), flush=True)
    time.sleep(60)
finally:
    server.close()
"""

"""Takes SIGINT whatever started it: background jobs of a shell, and all that they start, ignore it."""

Killed = Callable[[str, int], str]


@pytest.fixture
def ended() -> Iterator[Callable[[str, int], str]]:
    """A function that runs a process with a database, ends it by a signal, and returns the database's URL."""
    started: list[subprocess.Popen[str]] = []

    def end(database: str, number: int) -> str:
        command = [sys.executable, "-W", "ignore", "-c", _PROGRAM, database]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        started.append(process)
        assert process.stdout
        url = process.stdout.readline().strip()
        process.send_signal(number)
        process.wait(20)
        process.stdout.close()
        return url

    yield end
    for process in started:
        process.kill()


def gone(path: Path) -> bool:
    """Return whether a path vanishes within 15 s."""
    deadline = time.monotonic() + 15
    while path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return not path.exists()


def execute(url: object, statement: str) -> list[str]:
    """Run one statement outside of a transaction and return the first column of its rows."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")  # type: ignore[arg-type]
    with engine.connect() as connection:
        result = connection.exec_driver_sql(statement)
        return [str(row[0]) for row in result] if result.returns_rows else []


def test_files_of_a_killed_run(ended: Killed) -> None:
    """The next run removes them; those of runs that live stay."""
    living = open_server("sqlite")
    kept = Path(str(living.create().url.database))
    left = Path(ended("sqlite", signal.SIGKILL).removeprefix("sqlite:///"))
    assert left.exists()
    open_server("sqlite").close()
    assert not left.parent.exists()
    assert kept.exists()
    living.close()


def test_files_of_an_interrupted_run(ended: Killed) -> None:
    """Ctrl-C leaves nothing, without a next run."""
    assert not Path(ended("sqlite", signal.SIGINT).removeprefix("sqlite:///")).parent.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_the_embedded_server_of_an_ended_run(ended: Killed, number: int) -> None:
    """It ends by itself, with its directory, however the run ended."""
    url = ended("postgresql", number)
    home = Path(str(create_engine(url).url.query["host"])).parent
    assert home.name.startswith(embedded.PREFIX)
    assert gone(home)


def test_a_server_whose_guard_was_killed_too() -> None:
    """The next run ends it and removes its directory."""
    running = embedded.start_or_join("killedbytests")
    home = Path(str(running.url.query["host"])).parent
    postmaster = int((home / "data/postmaster.pid").read_text().splitlines()[0])
    os.kill(parent(postmaster), signal.SIGKILL)
    os.close(running._held._lock)  # as the end of the process would
    running._held._lock = -1
    deadline = time.monotonic() + 15
    while home.exists() and time.monotonic() < deadline:  # the dying guard may hold the lock for a moment
        scratch.sweep(embedded.PREFIX, home.parent)
    assert not home.exists()
    assert not scratch._serves(postmaster, home / "data")


def parent(process: int) -> int:
    """Return the process that started another one."""
    command = ["ps", "-o", "ppid=", "-p", str(process)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_a_directory_of_somebody_else(tmp_path: Path) -> None:
    """One without our lock stays, and so does what a link leads to."""
    (tmp_path / "darkhost-sqlite-mine").mkdir()
    target = tmp_path / "target"
    target.mkdir()
    (target / scratch.IN_USE).touch()
    (tmp_path / "darkhost-sqlite-link").symlink_to(target)
    assert scratch.sweep("darkhost-sqlite-", tmp_path) == ()
    assert (tmp_path / "darkhost-sqlite-mine").exists()
    assert target.exists()


@pytest.fixture
def maintenance(postgresql: Server) -> Database:
    """A database from which others are made."""
    return postgresql.create()


@pytest.fixture
def dead() -> Maker:
    """A maker whose process is gone."""
    process = subprocess.Popen(["true"])
    process.wait()
    host = Maker.new().stem.split("_")[1]
    return Maker(f"darkhost_{host}_{process.pid}_0123456789ab")


def test_databases_of_a_killed_run(maintenance: Database, dead: Maker) -> None:
    """On a server that stays, the next run drops those of makers that are gone, and those only."""
    left, elsewhere = dead.name(1), Maker("darkhost_ffff_1_0123456789ab").name(2)
    mine = ("darkhost", "darkhost_production", f"{dead.stem}_3", f"{dead.name(4)}_copy", f"{dead.stem}_1_ffffff")
    for name in (left, elsewhere, *mine):
        execute(maintenance.url, f"CREATE DATABASE {name}")
    living = postgresql_server(maintenance.url)
    kept = str(living.create().url.database)
    postgresql_server(maintenance.url).close()
    there = set(execute(maintenance.url, "SELECT datname FROM pg_database"))
    assert not {left, elsewhere} & there
    assert {kept, *mine} <= there
    living.close()
    for name in mine:
        execute(maintenance.url, f"DROP DATABASE {name}")


def test_a_leftover_that_somebody_looks_at(maintenance: Database, dead: Maker) -> None:
    """A database to which somebody is connected stays until the run after."""
    name = dead.name(1)
    execute(maintenance.url, f"CREATE DATABASE {name}")
    engine = create_engine(maintenance.url.set(database=name), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        postgresql_server(maintenance.url).close()
        assert name in execute(maintenance.url, "SELECT datname FROM pg_database")
    postgresql_server(maintenance.url).close()
    assert name not in execute(maintenance.url, "SELECT datname FROM pg_database")


def test_a_maker_on_another_machine_that_lives(maintenance: Database) -> None:
    """The lock that it holds on the server tells, whatever its process number says here."""
    other = Maker("darkhost_ffff_999999_0123456789ab")
    server = postgresql_server(maintenance.url)
    server._commands.hold(server._session, other.lock)
    execute(maintenance.url, f"CREATE DATABASE {other.name(1)}")
    postgresql_server(maintenance.url).close()
    assert other.name(1) in execute(maintenance.url, "SELECT datname FROM pg_database")
    server.close()
    postgresql_server(maintenance.url).close()
    assert other.name(1) not in execute(maintenance.url, "SELECT datname FROM pg_database")


def test_names() -> None:
    """A name tells its maker, fits every server, and needs no quotes."""
    maker = Maker.new()
    name = maker.name(123456)
    assert Maker.of(name) == maker
    assert len(name) <= 63
    assert name == name.lower()
    assert not maker.lives_here()
    assert Maker(maker.stem.replace(f"_{os.getpid()}_", f"_{os.getppid()}_")).lives_here()
    assert Maker.of(name[:-1] + "x") is None
    assert Maker.of("darkhost_test") is None
    assert 0 <= maker.lock < 2**31


def test_memory_where_there_is_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A directory that the user names comes first, then memory, unless it is small."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert next(places.candidates()) == tmp_path
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(places, "_MEMORY", tmp_path / "memory")
    (tmp_path / "memory").mkdir()
    assert next(places.candidates()) == tmp_path / "memory"
    monkeypatch.setattr(places, "_ROOM_BYTES", 1 << 60)
    assert next(places.candidates()) == tmp_path
