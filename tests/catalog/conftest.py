"""Databases for the catalog's tests: the history on SQLite files, and on a PostgreSQL server where there is one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url
from support.history import upgraded
from support.postgres import Server, find_programs, running


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server of this run, on a loopback port, whose users need their password."""
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs (initdb, postgres) on this machine")
    with running(programs) as server:
        yield server


@pytest.fixture
def postgres(postgres_server: Server) -> Iterator[URL]:
    """The URL of an empty PostgreSQL database of this test."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
def sqlite(tmp_path: Path) -> URL:
    """The URL of an empty SQLite database of this test."""
    file = tmp_path / "catalog.sqlite"
    file.touch()
    return make_url(f"sqlite:///{file}")


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest) -> URL:
    """The URL of an empty database, on each of the two."""
    url: URL = request.getfixturevalue(request.param)
    return url


@pytest.fixture
def migrated(empty: URL) -> URL:
    """The URL of a database at the history's head, on each of the two."""
    upgraded(empty, "head")
    return empty


@pytest.fixture
def seeded(sqlite: URL) -> URL:
    """The URL of an SQLite database at the history's head."""
    upgraded(sqlite, "head")
    return sqlite
