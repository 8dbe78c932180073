"""Which columns name the rows of a PostgreSQL table."""

import pytest

from pytest_darkhost.migrations.databases.values import Database
from pytest_darkhost.migrations.engines import observer_for
from pytest_darkhost.migrations.snapshots.taking import take


@pytest.mark.parametrize(
    ("constraints", "key"),
    [
        ("id integer, x text, PRIMARY KEY (id) INCLUDE (x)", ("id",)),
        ("id serial PRIMARY KEY, slug text NOT NULL UNIQUE", ("slug",)),
        ("id serial PRIMARY KEY, slug text UNIQUE", ("id",)),
        ("x text, a text NOT NULL, b text NOT NULL, UNIQUE (b, a)", ("b", "a")),
        ("a integer PRIMARY KEY, gone integer, b text NOT NULL, UNIQUE (b) INCLUDE (a)", ("a",)),
        ("a text", ()),
    ],
)
def test_the_key_of_a_table(postgresql_database: Database, constraints: str, key: tuple[str, ...]) -> None:
    """The primary one, or another one where the database fills that; columns that an index only carries are no part."""
    engine = observer_for(postgresql_database.url)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE TABLE t ({constraints})")
        if "gone" in constraints:
            connection.exec_driver_sql("ALTER TABLE t DROP COLUMN gone")
        assert take(connection).tables["t"].key == key
    engine.dispose()
