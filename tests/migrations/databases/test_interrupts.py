"""Ctrl-C while a revision runs: pytest says that it was interrupted, and no database is left."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from migrations.trips.histories import HistoryFiles
from pytest_darkhost.migrations.databases.values import Server
from support.interrupts import PYTEST

SLEEPING = """
op.execute("CREATE TABLE t (id INTEGER)")
import pathlib, time
bind = op.get_bind()
query = {"sqlite": "SELECT file FROM pragma_database_list", "postgresql": "SELECT current_database()"}
name = bind.exec_driver_sql(query[bind.dialect.name]).scalar()
pathlib.Path("now").write_text(name)
pathlib.Path("now").rename("running")
time.sleep(60)
"""
INI = "[pytest]\nasyncio_default_fixture_loop_scope = function\ndarkhost_alembic = alembic.ini\n"

Interrupted = Callable[[str], tuple[int, str, str]]


@pytest.fixture
def interrupted(tmp_path: Path) -> Iterator[Interrupted]:
    """A function that interrupts a run while its second revision sleeps; returns exit code, database and output."""
    files = HistoryFiles(tmp_path)
    files.add("a1", None)
    files.add("a2", "a1", SLEEPING)
    (tmp_path / "pytest.ini").write_text(INI)
    started: list[subprocess.Popen[str]] = []

    def interrupt(database: str) -> tuple[int, str, str]:
        command = [*PYTEST, "-p", "no:cacheprovider", f"--darkhost-database={database}"]
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
        )
        started.append(process)
        wait_for(tmp_path / "running", process)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        return process.returncode, (tmp_path / "running").read_text(), output

    yield interrupt
    for process in started:
        process.kill()


def wait_for(file: Path, process: "subprocess.Popen[str]") -> None:
    """Return when a file is there. Fails when the process has ended before."""
    while not file.exists():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)


def test_no_file_is_left(interrupted: Interrupted) -> None:
    """The SQLite database that was worked in is gone with its directory, and so is every copy in it."""
    code, file, output = interrupted("sqlite")
    assert code == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in output
    assert not Path(file).parent.exists()


def test_no_database_is_left(interrupted: Interrupted, postgresql: Server) -> None:
    """Every PostgreSQL database that the run made is dropped, whatever was open in it."""
    own = postgresql.create()
    engine = create_engine(own.url, poolclass=NullPool)
    try:
        code, name, output = interrupted(own.url.render_as_string(hide_password=False))
        with engine.connect() as connection:
            left = set(connection.exec_driver_sql("SELECT datname FROM pg_database").scalars())
    finally:
        own.drop()
    assert code == pytest.ExitCode.INTERRUPTED, output
    host_and_process = "_".join(name.split("_")[:3])
    assert host_and_process.startswith("darkhost_")
    assert [each for each in left if each.startswith(host_and_process + "_")] == []
