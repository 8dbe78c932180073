"""Locks as the server sees them, on real PostgreSQL."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from pytest_darkhost.migrations.databases.values import Database
from pytest_darkhost.migrations.engines import observer_for
from pytest_darkhost.migrations.lock_record import LockRecord
from pytest_darkhost.migrations.locks import LockWatcher, is_lock_timeout


@pytest.fixture
def database(postgresql_database: Database) -> Database:
    """A database with two tables."""
    with connected(postgresql_database) as connection:
        connection.exec_driver_sql("CREATE TABLE models (id serial PRIMARY KEY, slug text)")
        connection.exec_driver_sql("CREATE TABLE notes (body text)")
        connection.commit()
    return postgresql_database


@pytest.fixture
def watcher(database: Database) -> Iterator[LockWatcher]:
    """A watcher of that database."""
    watcher = LockWatcher(database.url)
    yield watcher
    watcher.close()


def connected(database: Database) -> Connection:
    """Return a connection of its own."""
    return create_engine(database.url, poolclass=NullPool).connect()


def modes(record: LockRecord) -> dict[str, str]:
    """Return the strongest mode of each relation."""
    return {lock.relation: lock.mode for lock in reversed(record.locks())}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("ALTER TABLE models ADD COLUMN brand text", "ACCESS EXCLUSIVE"),
        ("CREATE INDEX ix ON models (slug)", "SHARE"),
        ("UPDATE models SET slug = 'x'", "ROW EXCLUSIVE"),
        ("SELECT * FROM models FOR UPDATE", "ROW SHARE"),
        ("SELECT * FROM models", "ACCESS SHARE"),
        ("CREATE TRIGGER t BEFORE UPDATE ON models FOR EACH ROW EXECUTE FUNCTION f()", "SHARE ROW EXCLUSIVE"),
        ("DROP TABLE models", "ACCESS EXCLUSIVE"),
    ],
)
def test_a_short_transaction_is_seen_whole(
    database: Database, watcher: LockWatcher, statement: str, expected: str
) -> None:
    """Locks that are held to the commit are seen however short the transaction is, and no other table's."""
    with connected(database) as connection:
        connection.exec_driver_sql("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
        connection.commit()
        with watcher.watching() as record:
            connection.exec_driver_sql(statement)
            connection.commit()
    assert modes(record)["models"] == expected
    assert "notes" not in modes(record)


def test_relations_that_are_new_are_left_out(database: Database, watcher: LockWatcher) -> None:
    """A lock on what the revision itself made keeps nobody out."""
    with connected(database) as connection, watcher.watching() as record:
        connection.exec_driver_sql("CREATE TABLE extra (id integer)")
        connection.exec_driver_sql("ALTER TABLE extra ADD COLUMN a text")
        connection.commit()
    assert record.locks() == ()


def test_how_long(database: Database, watcher: LockWatcher) -> None:
    """The time is that from the statement to the commit, not that of the statement."""
    with connected(database) as connection, watcher.watching() as record:
        connection.exec_driver_sql("ALTER TABLE models ADD COLUMN brand text")
        connection.exec_driver_sql("SELECT pg_sleep(0.3)")
        connection.exec_driver_sql("ALTER TABLE notes ADD COLUMN brand text")
        connection.commit()
    held = {lock.relation: lock.held_ms for lock in record.locks() if lock.mode == "ACCESS EXCLUSIVE"}
    assert held["models"] >= 280
    assert held["notes"] <= held["models"] - 200


def test_what_is_not_in_a_transaction_is_sampled(database: Database, watcher: LockWatcher) -> None:
    """`CREATE INDEX CONCURRENTLY` locks little, and commits on its own."""
    engine = create_engine(database.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("INSERT INTO models (slug) SELECT md5(n::text) FROM generate_series(1, 200000) n")
        with watcher.watching() as record:
            connection.exec_driver_sql("CREATE INDEX CONCURRENTLY ix ON models (slug)")
    assert modes(record)["models"] == "SHARE UPDATE EXCLUSIVE"


def test_our_own_questions_are_left_out(database: Database, watcher: LockWatcher) -> None:
    """What the observer of a database reads while a revision is still watched is no lock of the revision."""
    engine = observer_for(database.url)
    with engine.connect() as observing, watcher.watching() as record:
        observing.exec_driver_sql("SELECT count(*) FROM models, pg_sleep(0.1)")
        observing.rollback()
    engine.dispose()
    assert record.locks() == ()


def test_a_connection_of_the_revision_itself(database: Database, watcher: LockWatcher) -> None:
    """An `env.py` that connects by itself is seen too, by its database."""
    with watcher.watching() as record:
        with create_engine(database.url).connect() as connection:
            connection.exec_driver_sql("LOCK TABLE notes IN EXCLUSIVE MODE")
            connection.commit()
        connection.engine.dispose()
    assert modes(record) == {"notes": "EXCLUSIVE"}


def test_what_a_mode_keeps_out(database: Database, watcher: LockWatcher) -> None:
    """The words for the reader, in the order of strength."""
    with connected(database) as connection, watcher.watching() as record:
        for mode in ("ACCESS SHARE", "SHARE UPDATE EXCLUSIVE", "SHARE", "ACCESS EXCLUSIVE"):
            connection.exec_driver_sql(f"LOCK TABLE notes IN {mode} MODE")
        connection.commit()
    assert [(lock.mode, lock.blocks) for lock in record.locks()] == [
        ("ACCESS EXCLUSIVE", "reads and writes"),
        ("SHARE", "writes"),
        ("SHARE UPDATE EXCLUSIVE", "schema changes"),
        ("ACCESS SHARE", ""),
    ]
    assert {lock.kind for lock in record.locks()} == {"table"}


def test_a_lock_of_somebody_else(database: Database, watcher: LockWatcher) -> None:
    """Waiting ends, and who held the lock is known, without the literals of what he runs."""
    engine = create_engine(database.url.update_query_dict({"application_name": "reports"}), poolclass=NullPool)
    with engine.connect() as other, connected(database) as connection:
        other.exec_driver_sql("INSERT INTO models (slug) VALUES ('canary-secret')")
        connection.exec_driver_sql("SET lock_timeout = '300ms'")
        with watcher.watching() as record, pytest.raises(OperationalError) as caught:
            connection.exec_driver_sql("ALTER TABLE models ADD COLUMN brand text")
    assert is_lock_timeout(caught.value)
    (holder,) = record.holders
    assert (holder.application, holder.state) == ("reports", "idle in transaction")
    assert str(holder).endswith(": INSERT INTO models (slug) VALUES (?)")
    assert "canary" not in str(holder)


def test_waiting_is_limited_in_every_database(database: Database) -> None:
    """A session that sets nothing itself has a limit too."""
    with connected(database) as connection:
        assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == "10s"


def test_a_failed_transaction(database: Database, watcher: LockWatcher) -> None:
    """The look before the commit does not hide that a transaction failed."""
    with connected(database) as connection, watcher.watching():
        with pytest.raises(Exception, match="nowhere"):
            connection.exec_driver_sql("SELECT * FROM nowhere")
        connection.commit()


def test_watching_ends(database: Database) -> None:
    """No listener outlives a revision, and no thread the watcher."""
    before = set(threading.enumerate())
    watcher = LockWatcher(database.url)
    with watcher.watching() as record:
        assert set(threading.enumerate()) > before
    with connected(database) as connection:
        connection.exec_driver_sql("LOCK TABLE notes IN EXCLUSIVE MODE")
        connection.commit()
    assert record.locks() == ()
    watcher.close()
    assert not [each for each in set(threading.enumerate()) - before if each.name.startswith("darkhost-locks")]
