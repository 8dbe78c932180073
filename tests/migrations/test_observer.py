"""What is asked ahead of a snapshot of PostgreSQL holds only as long as nobody could have written since."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from pytest_darkhost.migrations.databases.values import Database
from pytest_darkhost.migrations.engines import engine_for
from pytest_darkhost.migrations.observer import Observer

CONTEXT = cast("MigrationContext", SimpleNamespace(version_table="alembic_version", version_table_schema=None))
BASE = (
    "CREATE TABLE alembic_version (version_num text)",
    "INSERT INTO alembic_version VALUES ('a1')",
    "CREATE TABLE things (id integer PRIMARY KEY)",
    "CREATE TABLE others (id serial PRIMARY KEY, name text)",
)


@pytest.fixture
def engine(postgresql_database: Database) -> Iterator[Engine]:
    """An engine such as `env.py` is given."""
    made = engine_for(postgresql_database.url)
    run(made, *BASE)
    yield made
    made.dispose()


@pytest.fixture
def observer(postgresql_database: Database, engine: Engine) -> Iterator[Observer]:
    """One that has taken a snapshot."""
    made = Observer(postgresql_database, frozenset({"alembic_version"}))
    made.forget_ahead_of(engine)
    made.snapshot()
    yield made
    made.close()


@pytest.fixture
def messages(observer: Observer, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent to a server from now on."""
    del observer
    sent: list[str] = []
    real: Callable[..., Any] = psycopg.Cursor.execute

    def noted(cursor: Any, query: Any, *rest: Any, **named: Any) -> Any:
        sent.append(str(query))
        return real(cursor, query, *rest, **named)

    monkeypatch.setattr(psycopg.Cursor, "execute", noted)
    return sent


def run(engine: Engine, *statements: str) -> None:
    """Run statements as a revision does."""
    with engine.begin() as connection:
        for each in statements:
            connection.exec_driver_sql(each)


def heads(observer: Observer, *, altered: bool) -> tuple[str, ...]:
    """Return what is asked after a run that a snapshot follows."""
    return observer.heads(CONTEXT, then_snapshot=True, altered=altered)


def test_one_message_tells_that_nothing_was_altered(engine: Engine, observer: Observer, messages: list[str]) -> None:
    """The rows are in it, those that were written since included."""
    for _ in range(2):  # the questions for rows are prepared by now
        heads(observer, altered=False)
        observer.snapshot()
    run(engine, "INSERT INTO things VALUES (7)")
    messages.clear()
    assert heads(observer, altered=False) == ("a1",)
    assert observer.snapshot().tables["things"].rows == (("7",),)
    assert len(messages) == 1, messages


def test_three_messages_tell_what_was_altered(engine: Engine, observer: Observer, messages: list[str]) -> None:
    """The first tells which tables; what is listed of them and the rows of others are in one, their own in another."""
    for _ in range(2):  # the questions for rows are prepared by now
        heads(observer, altered=True)
        observer.snapshot()
    run(engine, "ALTER TABLE things ADD COLUMN name text", "INSERT INTO things VALUES (7, 'x')")
    messages.clear()
    assert heads(observer, altered=True) == ("a1",)
    assert observer.snapshot().tables["things"].rows == (("7", "x"),)
    assert len(messages) == 3, messages
    assert [message.count("FROM public.things") for message in messages] == [0, 0, 1]


def test_two_messages_tell_of_a_change_in_vain(observer: Observer, messages: list[str]) -> None:
    """If no table was altered, all rows are asked for at once."""
    for _ in range(2):  # the questions for rows are prepared by now
        heads(observer, altered=True)
        observer.snapshot()
    messages.clear()
    heads(observer, altered=True)
    observer.snapshot()
    assert len(messages) == 2, messages


@pytest.mark.parametrize("altered", [True, False])
def test_what_is_written_in_between_is_seen(engine: Engine, observer: Observer, altered: bool) -> None:
    """By whoever has a connection of the engine, or of the observer itself."""
    heads(observer, altered=altered)
    run(engine, "INSERT INTO things VALUES (8)", "CREATE TABLE new (id integer)")
    found = observer.snapshot()
    assert found.tables["things"].rows == (("8",),)
    assert "new" in found.tables
    heads(observer, altered=altered)
    with observer.connected() as connection:
        connection.exec_driver_sql("DROP TABLE new")
        connection.commit()
    assert "new" not in observer.snapshot().tables


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE others",
        "ALTER TABLE others DROP COLUMN name",
        "ALTER TABLE others RENAME TO more",
        "ALTER TABLE others ALTER COLUMN name SET NOT NULL",
        "SELECT nextval('others_id_seq')",
        "CREATE TABLE new (id integer)",
    ],
)
def test_what_was_altered_unexpectedly_is_seen(
    postgresql_database: Database, engine: Engine, observer: Observer, statement: str
) -> None:
    """A function that an INSERT calls may alter tables. It is asked in vain for rows that are gone, and then anew."""
    for _ in range(2):  # the second time, the rows are asked for by a prepared statement
        heads(observer, altered=False)
        observer.snapshot()
    run(engine, statement)
    assert heads(observer, altered=False) == ("a1",)
    fresh = Observer(postgresql_database, frozenset({"alembic_version"}))
    assert observer.snapshot() == fresh.snapshot()
    fresh.close()


def test_no_version_table(engine: Engine, observer: Observer) -> None:
    """There are no heads then, and a snapshot is taken all the same."""
    run(engine, "DROP TABLE alembic_version")
    assert heads(observer, altered=True) == ()
    assert set(observer.snapshot().tables) == {"things", "others"}


def test_more_texts_than_are_kept(postgresql_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is told to forget what it has prepared, and asked as before."""
    monkeypatch.setattr("pytest_darkhost.migrations.snapshots.postgresql_repeating._MOST_KEPT", 2)
    observer = Observer(postgresql_database, frozenset())
    with observer.connected() as connection:
        for number in range(5):
            connection.exec_driver_sql(f"CREATE TABLE t{number} (id integer)")
            connection.exec_driver_sql(f"INSERT INTO t{number} VALUES ({number})")
        connection.commit()
    for _ in range(4):
        found = observer.snapshot()
        assert [found.tables[f"t{number}"].rows for number in range(5)] == [((str(n),),) for n in range(5)]
    observer.close()
