"""Databases for the catalog's tests: the history on SQLite files, and on a PostgreSQL server where there is one."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from support.history import upgraded
from support.postgres import Server, running


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server of this run, on a loopback port, whose users need their password."""
    with running() as server:
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


@pytest.fixture(scope="session")
def sqlite_head(tmp_path_factory: pytest.TempPathFactory) -> URL:
    """The URL of an SQLite database at the history's head, which tests copy and do not change."""
    url = make_url(f"sqlite:///{tmp_path_factory.mktemp('head')}/head.sqlite")
    upgraded(url, "head")
    return url


@pytest.fixture(scope="session")
def postgres_head(postgres_server: Server) -> Iterator[URL]:
    """The URL of a PostgreSQL database at the history's head, which tests copy and do not change."""
    with postgres_server.database() as url:
        upgraded(url, "head")
        yield url


@pytest.fixture
def seeded(sqlite: URL, sqlite_head: URL) -> URL:
    """The URL of an SQLite database of this test at the history's head."""
    shutil.copy(str(sqlite_head.database), str(sqlite.database))
    return sqlite


@pytest.fixture
def postgres_seeded(postgres_server: Server, postgres_head: URL) -> Iterator[URL]:
    """The URL of a PostgreSQL database of this test at the history's head."""
    with postgres_server.database(template=str(postgres_head.database)) as url:
        yield url


@pytest.fixture(params=["sqlite_head", "postgres_head"], ids=["sqlite", "postgres"])
def head(request: pytest.FixtureRequest) -> URL:
    """The URL of a shared database at the history's head, on each of the two, for what must not change it."""
    url: URL = request.getfixturevalue(request.param)
    return url


@pytest.fixture(params=["seeded", "postgres_seeded"], ids=["sqlite", "postgres"])
def migrated(request: pytest.FixtureRequest) -> URL:
    """The URL of a database of this test at the history's head, on each of the two."""
    url: URL = request.getfixturevalue(request.param)
    return url
