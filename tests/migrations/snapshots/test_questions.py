"""What a snapshot asks: long questions are planned once, and their number does not grow faster than the tables."""

import sqlite3
from collections.abc import Iterator
from itertools import pairwise

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ProgrammingError

from pytest_darkhost.migrations.databases.values import Database, Server
from pytest_darkhost.migrations.engines import engine_for, observer_for
from pytest_darkhost.migrations.snapshots import postgresql_rows
from pytest_darkhost.migrations.snapshots.taking import take


@pytest.fixture
def observer(postgresql_database: Database) -> Iterator[Engine]:
    """The engine of what is asked of a PostgreSQL database between two runs."""
    engine = observer_for(postgresql_database.url)
    yield engine
    engine.dispose()


def test_a_long_question_is_planned_once_per_connection(observer: Engine) -> None:
    """Although each transaction is rolled back, and each time the plan of whatever parameters is used."""
    with observer.begin() as connection:
        connection.exec_driver_sql("CREATE VIEW one AS SELECT 1 AS n")
    for _ in range(3):
        with observer.connect() as connection:
            take(connection)
    with observer.connect() as connection:
        query = "SELECT name, generic_plans, custom_plans FROM pg_prepared_statements"
        plans = {name: (generic, custom) for name, generic, custom in connection.exec_driver_sql(query)}
    assert plans == {f"darkhost_{name}": (3, 0) for name in ("tokens", "relations", "unrelated")}


def test_settings_are_put_back(observer: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A team's own tables are found by their names again after a snapshot, and after one that failed."""
    query = "SELECT current_setting('search_path'), current_setting('plan_cache_mode'), current_schema()"
    with observer.connect() as connection:
        before = connection.exec_driver_sql(query).one()
        connection.rollback()
        take(connection)
        assert connection.exec_driver_sql(query).one() == before
    with observer.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id integer)")
        monkeypatch.setattr(postgresql_rows, "_order", lambda *_: " ORDER BY nowhere")
        with pytest.raises(ProgrammingError, match="nowhere"):
            take(connection)
        connection.rollback()
        assert connection.exec_driver_sql(query).one() == before


@pytest.mark.parametrize("name", ["it's", "back\\slash", "per%cent", "co:lon", '"quoted"'])
def test_any_name_of_a_table_that_is_left_out(observer: Engine, name: str) -> None:
    """The version table may be called anything; it is left out, and the others are not."""
    quote = observer.dialect.identifier_preparer.quote
    with observer.connect() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {quote(name)} (id integer)")
        connection.exec_driver_sql("CREATE TABLE other (id integer)")
        assert set(take(connection, exclude=frozenset({name})).tables) == {"other"}
        connection.info.clear()
        assert set(take(connection, exclude=frozenset({name})).tables) == {"other"}


def test_a_connection_that_was_put_back_runs_what_it_ran_before(postgresql_database: Database) -> None:
    """Psycopg prepares a statement that it sees often, and does not notice that `DISCARD ALL` has dropped it."""
    engine = engine_for(postgresql_database.url)
    for _ in range(12):
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
            connection.commit()
    engine.dispose()


def asked(connection: Connection) -> int:
    """Return how many statements a snapshot of SQLite takes."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    seen: list[str] = []
    driver.set_trace_callback(seen.append)
    take(connection)
    driver.set_trace_callback(None)
    return sum(not each.startswith("--") for each in seen)


def test_one_question_for_each_table_of_sqlite(sqlite: Server) -> None:
    """Its rows are asked for, and nothing else that another table does not need too."""
    database = sqlite.create()
    engine = observer_for(database.url)
    with engine.connect() as connection:
        numbers = []
        for table in range(6):
            connection.exec_driver_sql(f"CREATE TABLE t{table} (id INTEGER PRIMARY KEY, n TEXT NOT NULL UNIQUE)")
            numbers.append(asked(connection))
    engine.dispose()
    database.drop()
    assert [later - before for before, later in pairwise(numbers)] == [1] * 5
