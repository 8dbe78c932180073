"""
MySQL and MariaDB, on the server that the environment variable DARKHOST_TEST_MYSQL_URL names: pip installs none.

    DARKHOST_TEST_MYSQL_URL=mysql+pymysql://root@127.0.0.1/mysql pytest tests/migrations/test_mysql.py
"""

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from pytest_darkhost.errors import DatabaseError
from pytest_darkhost.migrations.databases.mysql import _allows
from pytest_darkhost.migrations.databases.opening import open_server
from pytest_darkhost.migrations.databases.values import Database, Server
from pytest_darkhost.migrations.differences import differences
from pytest_darkhost.migrations.snapshots import mysql as mysql_snapshots
from pytest_darkhost.migrations.snapshots.taking import take

URL = os.environ.get("DARKHOST_TEST_MYSQL_URL", "")
on_a_server = pytest.mark.skipif(not URL, reason="DARKHOST_TEST_MYSQL_URL names no MySQL or MariaDB server")
BASE = (
    "CREATE TABLE models (id int AUTO_INCREMENT PRIMARY KEY, slug varchar(50) NOT NULL, price decimal(10, 4) DEFAULT 0,"
    " raw varbinary(9), CONSTRAINT uq_models_slug UNIQUE (slug), CONSTRAINT ck_price CHECK (price >= 0))",
    "CREATE TABLE entries (id int PRIMARY KEY, model_id int,"
    " CONSTRAINT fk_model FOREIGN KEY (model_id) REFERENCES models (id))",
    "INSERT INTO models (slug, price, raw) VALUES ('a', 0.5, x'ff01'), ('b', NULL, NULL)",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The server that the environment names."""
    opened = open_server(URL)
    yield opened
    opened.close()


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """A database of this test."""
    database = server.create()
    run(database, *BASE)
    yield database
    database.drop()


def connected(database: Database) -> Connection:
    """Return a connection of its own."""
    return create_engine(database.url, poolclass=NullPool).connect()


def run(database: Database, *statements: str) -> None:
    """Run statements and commit."""
    with connected(database) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


@on_a_server
@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("INSERT INTO models (slug) VALUES ('c')", "row models slug='c' added"),
        ("DELETE FROM models WHERE slug = 'b'", "row models slug='b' removed"),
        ("UPDATE models SET raw = x'fe01'", "row models slug='a' changed raw"),
        ("CREATE TABLE extra (a int)", "table extra added"),
        ("ALTER TABLE models ADD brand text", "column models.brand added"),
        ("ALTER TABLE models MODIFY price decimal(12, 4) DEFAULT 0", "type models.price changed"),
        ("ALTER TABLE models ALTER price SET DEFAULT 1", "default models.price changed"),
        ("ALTER TABLE models DROP CONSTRAINT ck_price", "constraint models.ck_price removed"),
        ("ALTER TABLE entries DROP FOREIGN KEY fk_model", "constraint entries.fk_model removed"),
        ("ALTER TABLE models DROP INDEX uq_models_slug", "index models.uq_models_slug removed"),
        ("CREATE VIEW v AS SELECT slug FROM models", "view v added"),
        ("CREATE TRIGGER tg BEFORE INSERT ON models FOR EACH ROW SET new.price = 1", "trigger models.tg added"),
        ("CREATE FUNCTION f(x int) RETURNS int DETERMINISTIC RETURN x * 2", "function f added"),
        ("ALTER TABLE models COMMENT 'x'", "comment models added"),
    ],
)
@pytest.mark.parametrize("big", [False, True])
def test_planted_changes(
    database: Database, monkeypatch: pytest.MonkeyPatch, statement: str, expected: str, big: bool
) -> None:
    """Each is found and named; of big tables too, though without a natural name and the column."""
    monkeypatch.setattr(mysql_snapshots, "BIG_ROWS", -1 if big else 1000)
    with connected(database) as connection:
        before = take(connection)
    run(database, statement)
    with connected(database) as connection:
        found = differences(before, take(connection, earlier=before))
    words = {
        f"{each.kind} {each.name} {each.key + ' ' if each.key else ''}{each.change} {each.column or ''}".strip()
        for each in found
    }
    assert expected.removesuffix(" raw" if big else "") in words


@on_a_server
def test_a_copy(server: Server, database: Database) -> None:
    """Tables, keys and rows are the same; what cannot be copied is refused."""
    copy = server.copy(database)
    with connected(database) as one, connected(copy) as other:
        before = take(one)
        assert differences(before, take(other, earlier=before)) == ()
    run(copy, "CREATE VIEW v AS SELECT slug FROM models")
    with pytest.raises(DatabaseError, match="views, triggers or routines cannot be copied"):
        server.copy(copy)


@on_a_server
def test_databases_are_dropped() -> None:
    """Nothing stays when a server is closed, and each database knows its connections."""
    opened = open_server(URL)
    first, second = opened.create(), opened.create()
    with connected(first) as connection:
        assert first.holds(connection)
        assert not second.holds(connection)
    opened.close()
    again = open_server(URL)
    with connected(again.create()) as connection:
        names = connection.exec_driver_sql("SHOW DATABASES").scalars().all()
    assert not {first.url.database, second.url.database} & {*names}
    again.close()


@pytest.mark.parametrize(
    ("grant", "expected"),
    [
        ("GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION", True),
        ("GRANT SELECT, CREATE, DROP ON *.* TO `u`@`%`", True),
        ("GRANT SELECT, CREATE ON *.* TO `u`@`%`", True),
        ("GRANT ALL PRIVILEGES ON `darkhost\\_%`.* TO `u`@`%`", True),
        ("GRANT ALL PRIVILEGES ON `production`.* TO `u`@`%`", False),
        ("GRANT CREATE VIEW, SELECT ON *.* TO `u`@`%`", False),
        ("GRANT USAGE ON *.* TO `u`@`%`", False),
    ],
)
def test_who_may_create_databases(grant: str, expected: bool) -> None:
    """It is read from what the server says that the user may do."""
    assert _allows(grant) is expected
