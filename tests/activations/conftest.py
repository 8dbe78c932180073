"""A project with the reference history and composed specs, and a catalog on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

import support.imported  # noqa: F401
from support.activations import Project, write_project
from support.history import upgraded
from support.postgres import Server, running


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server of this run, on a loopback port."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_head(tmp_path_factory: pytest.TempPathFactory) -> URL:
    """An SQLite database at the history's head, to be copied."""
    url = make_url(f"sqlite:///{tmp_path_factory.mktemp('head')}/head.sqlite")
    upgraded(url, "head")
    return url


@pytest.fixture(scope="session")
def postgres_head(postgres_server: Server) -> Iterator[URL]:
    """A PostgreSQL database at the history's head, to be copied."""
    with postgres_server.database() as url:
        upgraded(url, "head")
        yield url


@pytest.fixture
def sqlite(tmp_path: Path, sqlite_head: URL) -> URL:
    """An SQLite database of this test at the history's head."""
    file = tmp_path / "catalog.sqlite"
    shutil.copy(str(sqlite_head.database), file)
    return make_url(f"sqlite:///{file}")


@pytest.fixture
def postgres(postgres_server: Server, postgres_head: URL) -> Iterator[URL]:
    """A PostgreSQL database of this test at the history's head."""
    with postgres_server.database(template=str(postgres_head.database)) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def catalog(request: pytest.FixtureRequest) -> URL:
    """A database of this test at the history's head, on each of the two."""
    url: URL = request.getfixturevalue(request.param)
    return url


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of this test, as the working directory."""
    made = write_project(tmp_path / "project")
    monkeypatch.chdir(made.root)
    monkeypatch.delenv("DARKHOST_CATALOG_URL", raising=False)
    return made
