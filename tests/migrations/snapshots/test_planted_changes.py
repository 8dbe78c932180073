"""For each kind of object that a migration may not touch, a planted change is found and named, and nothing else is."""

import pytest
from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.pool import NullPool

from migrations.snapshots.planted import POSTGRESQL, POSTGRESQL_BASE, SQLITE, SQLITE_BASE, Planted
from pytest_darkhost.migrations.databases.values import Database, Server
from pytest_darkhost.migrations.differences import Difference, differences
from pytest_darkhost.migrations.engines import observer_for
from pytest_darkhost.migrations.snapshots.taking import take


@pytest.fixture(scope="module")
def postgresql_base(postgresql: Server) -> Database:
    """A database with one object of each kind."""
    database = postgresql.create()
    run(database.url, POSTGRESQL_BASE.split(";;"))
    return database


@pytest.fixture(scope="module")
def sqlite_base(sqlite: Server) -> Database:
    """A database with one object of each kind."""
    database = sqlite.create()
    run(database.url, SQLITE_BASE.split(";;"))
    return database


def run(url: URL, statements: list[str] | tuple[str, ...]) -> None:
    """Run statements as they are, each in a transaction of its own."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            if statement.strip():
                connection.connection.driver_connection.execute(statement)  # type: ignore[union-attr]


def connected(url: URL) -> Connection:
    """Return a connection of its own."""
    return create_engine(url, poolclass=NullPool).connect()


def seen(server: Server, base: Database, planted: Planted) -> frozenset[tuple[str, str, str]]:
    """Return the differences after the planted change, in the words of the table."""
    database = server.copy(base)
    observer = observer_for(database.url)
    try:
        with observer.connect() as connection:
            before = take(connection)
        run(database.url, planted.statements)
        with observer.connect() as connection:
            after = take(connection, earlier=before)
        with connected(database.url) as connection:
            assert take(connection) == after, "a connection that is kept sees what a new one sees"
        return frozenset(words(each) for each in differences(before, after))
    finally:
        observer.dispose()
        database.drop()


def words(each: Difference) -> tuple[str, str, str]:
    """Return a difference as the table writes it."""
    if each.kind != "row":
        return each.kind, each.change, each.name
    row = f"{each.name} {each.key}"
    return "row", each.change, f"{row} {each.column} {each.before} {each.after}" if each.column else row


@pytest.mark.parametrize("planted", POSTGRESQL, ids=lambda planted: planted.name)
def test_postgresql(postgresql: Server, postgresql_base: Database, planted: Planted) -> None:
    """What was planted is reported, exactly, among tables that are not listed again."""
    assert seen(postgresql, postgresql_base, planted) == planted.expected


@pytest.mark.parametrize("planted", SQLITE, ids=lambda planted: planted.name)
def test_sqlite(sqlite: Server, sqlite_base: Database, planted: Planted) -> None:
    """What was planted is reported, exactly."""
    assert seen(sqlite, sqlite_base, planted) == planted.expected
