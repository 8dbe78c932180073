"""A server of MySQL or MariaDB, and a database on it."""

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, make_url

from pytest_darkhost.migrations.databases.opening import open_server
from pytest_darkhost.migrations.databases.values import Database, Server
from support import mariadb


@pytest.fixture(scope="session")
def mysql_url() -> Iterator[URL]:
    """The server that DARKHOST_TEST_MYSQL_URL names, else a MariaDB that is started here."""
    named = os.environ.get("DARKHOST_TEST_MYSQL_URL")
    found = mariadb.programs()
    if named:
        yield make_url(named)
    elif found:
        with mariadb.running(found) as url:
            yield url
    else:
        pytest.skip("neither mariadbd on this machine nor a server in DARKHOST_TEST_MYSQL_URL")


@pytest.fixture(scope="session")
def server(mysql_url: URL) -> Iterator[Server]:
    """The same, as what makes databases."""
    server = open_server(mysql_url.render_as_string(hide_password=False))
    yield server
    server.close()


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """An empty database of this test."""
    database = server.create()
    yield database
    database.drop()
