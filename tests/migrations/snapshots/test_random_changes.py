"""Whatever is changed, a snapshot that keeps what is proved to be the same says what one that keeps nothing says."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import Connection

from migrations.snapshots.statements import statements
from migrations.snapshots.test_kept_listings import observed
from pytest_darkhost.migrations.databases.values import Database
from pytest_darkhost.migrations.engines import engine_for
from pytest_darkhost.migrations.snapshots.taking import take
from pytest_darkhost.migrations.snapshots.values import Snapshot

_MANY = 350


@pytest.fixture
def session(postgresql_database: Database) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """A session that changes the database, each statement in a transaction of its own."""
    url = postgresql_database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        yield connection


@pytest.fixture
def kept(postgresql_database: Database) -> Iterator[Connection]:
    """A connection that is kept for questions."""
    with observed(postgresql_database) as connection:
        yield connection


@pytest.fixture
def other(postgresql_database: Database) -> Iterator[Connection]:
    """One that is not."""
    engine = engine_for(postgresql_database.url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def ran(session: "psycopg.Connection[tuple[object, ...]]", statement: str) -> bool:
    """Return whether a statement fitted."""
    try:
        session.execute(statement.encode())
    except psycopg.Error:
        return False
    return True


@pytest.mark.parametrize("seed", range(4))
def test_what_is_kept(session: "psycopg.Connection[tuple[object, ...]]", kept: Connection, seed: int) -> None:
    """After each statement, the earlier snapshot at hand makes no difference."""
    state, fitted = take(kept), 0
    for statement in statements(seed, _MANY):
        if ran(session, statement):
            fitted += 1
            state = compared(kept, state, statement)
    assert fitted > _MANY / 5


def test_what_is_kept_in_transactions(session: "psycopg.Connection[tuple[object, ...]]", other: Connection) -> None:
    """The same on a connection of anybody's, where each question is sent by itself."""
    state = take(other)
    for statement in statements(9, 0):
        other.rollback()
        if ran(session, statement):
            state = compared(other, state, statement)


def compared(connection: Connection, state: Snapshot, statement: str) -> Snapshot:
    """Return a snapshot that was taken with an earlier one at hand, once it is seen to be whole."""
    after, whole = take(connection, earlier=state), take(connection)
    assert dict(whole.objects.items() ^ after.objects.items()) == {}, statement
    assert after == whole, statement
    return after
