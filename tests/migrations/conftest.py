"""Servers of databases for the tests of migrations: each started once."""

from collections.abc import Iterator

import pytest

from pytest_darkhost.migrations.databases.opening import open_server
from pytest_darkhost.migrations.databases.values import Database, Server


@pytest.fixture(scope="session")
def postgresql(testrun_uid_or_none: str | None) -> Iterator[Server]:
    """The embedded server of this run, which workers share."""
    server = open_server("postgresql", run=testrun_uid_or_none)
    yield server
    server.close()


@pytest.fixture(scope="session")
def testrun_uid_or_none(request: pytest.FixtureRequest) -> str | None:
    """The word that workers of one run have in common, if there are workers."""
    worker_input = getattr(request.config, "workerinput", None)
    return str(worker_input["testrunuid"]) if worker_input else None


@pytest.fixture(scope="session")
def sqlite() -> Iterator[Server]:
    """Files of this process."""
    server = open_server("sqlite")
    yield server
    server.close()


@pytest.fixture
def postgresql_database(postgresql: Server) -> Iterator[Database]:
    """An empty PostgreSQL database of this test."""
    database = postgresql.create()
    yield database
    database.drop()
