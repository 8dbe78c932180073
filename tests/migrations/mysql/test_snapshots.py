"""What a snapshot of MySQL and MariaDB sees, and that a copy is the same."""

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from pytest_darkhost.migrations.databases.values import Database, Server
from pytest_darkhost.migrations.differences import Difference, differences
from pytest_darkhost.migrations.snapshots import mysql as mysql_snapshots
from pytest_darkhost.migrations.snapshots.taking import take
from pytest_darkhost.migrations.snapshots.values import DECLARED_ONLY
from support.history import execute

BASE = (
    "CREATE TABLE models (id int AUTO_INCREMENT PRIMARY KEY, slug varchar(50) NOT NULL, price decimal(10, 4) DEFAULT 0,"
    " raw varbinary(9), CONSTRAINT uq_models_slug UNIQUE (slug), CONSTRAINT ck_price CHECK (price >= 0))",
    "CREATE TABLE entries (id int PRIMARY KEY, model_id int, weight float,"
    " CONSTRAINT fk_model FOREIGN KEY (model_id) REFERENCES models (id))",
    "CREATE TABLE other (id int PRIMARY KEY, CONSTRAINT ck_price CHECK (id >= 0))",
    "INSERT INTO models (slug, price, raw) VALUES ('a', 0.5, x'ff01'), ('b', NULL, NULL)",
    "INSERT INTO entries VALUES (1, 1, 16777216)",
)
MARIADB = (
    "CREATE SEQUENCE numbers START WITH 5 INCREMENT BY 3",
    "CREATE TABLE kept (id int PRIMARY KEY, `odd``%%name` int COMMENT '100%%') WITH SYSTEM VERSIONING",
    "CREATE TABLE numbered (id bigint DEFAULT nextval(numbers), twice bigint AS (id * 2) STORED)",
    "INSERT INTO numbered () VALUES (), ()",
)
"""What MySQL has not, or has otherwise."""
PROGRAMS = (
    "CREATE TABLE parts (a int) PARTITION BY RANGE (a)"
    " (PARTITION low VALUES LESS THAN (10), PARTITION high VALUES LESS THAN MAXVALUE)",
    "CREATE VIEW z AS SELECT slug FROM models",
    "CREATE VIEW a AS SELECT slug FROM z WHERE slug LIKE 'a%%'",
    "CREATE TRIGGER later BEFORE INSERT ON models FOR EACH ROW SET new.price = new.price + 1",
    "CREATE TRIGGER sooner BEFORE INSERT ON models FOR EACH ROW PRECEDES later SET new.price = new.price * 2",
    "CREATE FUNCTION f(x int) RETURNS int DETERMINISTIC RETURN x * 2",
    "CREATE PROCEDURE p(IN x int) SELECT count(*) FROM models WHERE id > x",
    "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM entries",
    "SET SESSION sql_mode = concat(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')",
    "INSERT INTO models (id, slug) VALUES (0, 'zero')",
)
CHANGES = [
    ("INSERT INTO models (slug) VALUES ('c')", "row models slug='c' added"),
    ("DELETE FROM models WHERE slug = 'b'", "row models slug='b' removed"),
    ("UPDATE models SET raw = x'fe01'", "row models slug='a' changed raw"),
    ("UPDATE entries SET weight = 16777218", "row entries id='1' changed weight"),
    ("CREATE TABLE extra (a int)", "table extra added"),
    ("ALTER TABLE other ROW_FORMAT = COMPRESSED", "table other changed"),
    ("ALTER TABLE models ADD brand text", "column models.brand added"),
    ("ALTER TABLE models MODIFY price decimal(12, 4) DEFAULT 0", "type models.price changed"),
    ("ALTER TABLE models ALTER price SET DEFAULT 1", "default models.price changed"),
    ("ALTER TABLE entries MODIFY model_id int NOT NULL", "constraint entries.model_id NOT NULL added"),
    ("ALTER TABLE models DROP CONSTRAINT ck_price", "constraint models.ck_price removed"),
    ("ALTER TABLE entries DROP FOREIGN KEY fk_model", "constraint entries.fk_model removed"),
    ("ALTER TABLE models DROP INDEX uq_models_slug", "index models.uq_models_slug removed"),
    ("CREATE INDEX ix ON models (price)", "index models.ix added"),
    ("CREATE VIEW v AS SELECT slug FROM models", "view v added"),
    ("CREATE TRIGGER tg BEFORE INSERT ON models FOR EACH ROW SET new.price = 1", "trigger models.tg added"),
    ("CREATE FUNCTION f(x int) RETURNS int DETERMINISTIC RETURN x * 2", "function f added"),
    ("CREATE PROCEDURE p() SELECT 1", "procedure p added"),
    ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM entries", "event e added"),
    ("ALTER TABLE models COMMENT 'x'", "comment models added"),
    ("ALTER TABLE other PARTITION BY HASH (id) PARTITIONS 2", "partition other.p0 added"),
    ("ALTER TABLE models AUTO_INCREMENT = 99", "sequence position models changed"),
    ("ALTER TABLE models MODIFY price decimal(10, 4) DEFAULT 0 FIRST", "column order models changed"),
    ("ALTER DATABASE CHARACTER SET ascii", "setting database changed"),
]
OF_MARIADB = [
    ("CREATE SEQUENCE s", "sequence s added"),
    ("ALTER SEQUENCE numbers INCREMENT BY 4", "sequence numbers changed"),
    ("DO nextval(numbers), setval(numbers, 5000)", "sequence position numbers changed"),
    ("INSERT INTO kept VALUES (1, 2)", "row kept id='1' added"),
    ("ALTER TABLE kept DROP SYSTEM VERSIONING", "table kept changed"),
]


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with tables and rows."""
    execute(database.url, *BASE, *(MARIADB if is_mariadb(database) else ()))
    return database


def connected(database: Database) -> Connection:
    """Return a connection of its own."""
    return create_engine(database.url, poolclass=NullPool).connect()


def is_mariadb(database: Database) -> bool:
    """Return which of the two it is."""
    with connected(database) as connection:
        return bool(connection.dialect.is_mariadb)  # type: ignore[attr-defined]


def changed_by(database: Database, *statements: str) -> tuple[Difference, ...]:
    """Return in what a database differs after statements, everything compared."""
    with connected(database) as connection:
        before = take(connection)
    execute(database.url, *statements)
    with connected(database) as connection:
        return differences(before, take(connection, earlier=before), also=DECLARED_ONLY)


def words(found: tuple[Difference, ...]) -> set[str]:
    """Return differences in short."""
    return {
        f"{each.kind} {each.name} {each.key + ' ' if each.key else ''}{each.change} {each.column or ''}".strip()
        for each in found
    }


@pytest.mark.parametrize(("statement", "expected"), [*CHANGES, *OF_MARIADB])
def test_planted_changes(filled: Database, statement: str, expected: str) -> None:
    """Each is found and named."""
    if (statement, expected) in OF_MARIADB and not is_mariadb(filled):
        pytest.skip("MySQL has no such thing")
    assert expected in words(changed_by(filled, statement))


@pytest.mark.parametrize(("statement", "expected"), [each for each in CHANGES if each[1].startswith("row ")])
def test_rows_of_big_tables(filled: Database, monkeypatch: pytest.MonkeyPatch, statement: str, expected: str) -> None:
    """They are named by their keys, from digests that the server makes; what a column held is not known."""
    monkeypatch.setattr(mysql_snapshots, "BIG_ROWS", -1)
    found = words(changed_by(filled, statement))
    assert (expected.rpartition(" ")[0] if " changed " in expected else expected) in found


def test_grants(server: Server, filled: Database) -> None:
    """Those on the database, its tables and its columns are seen, are in a copy, and go with each."""
    name, user = filled.url.database, f"'{filled.url.database}'@'%%'"  # at most one run uses it
    execute(filled.url, f"CREATE USER {user}")
    try:
        granted = (
            f"SELECT ON models TO {user}",
            f"UPDATE (price) ON models TO {user}",
            f"EXECUTE ON {name}.* TO {user}",
        )
        found = changed_by(filled, *(f"GRANT {each}" for each in granted))
        shown = user.replace("%%", "%")
        assert {each.name for each in found} == {f"{x} to {shown}" for x in ("models", "models.price", "database")}
        copy = server.copy(filled)
        with connected(filled) as one, connected(copy) as other:
            assert differences(take(one), take(other)) == ()
        copy.drop()
        filled.drop()
        with create_engine(filled.url.set(database="mysql"), poolclass=NullPool).connect() as connection:
            left = connection.exec_driver_sql(f"SHOW GRANTS FOR {user}").scalars().all()
        assert [each.partition(" TO ")[0] for each in left] == ["GRANT USAGE ON *.*"]
    finally:
        execute(filled.url.set(database="mysql"), f"DROP USER {user}")


def test_a_copy(server: Server, filled: Database) -> None:
    """Everything is the same: rows whose triggers would change them, keys of 0, views that need others."""
    execute(filled.url, *PROGRAMS)
    copy = server.copy(filled)
    with connected(filled) as one, connected(copy) as other:
        before = take(one)
        assert differences(before, take(other, earlier=before), also=DECLARED_ONLY) == ()
        assert [row[0] for row in other.exec_driver_sql("SHOW TRIGGERS")] == ["sooner", "later"]
    copy.drop()
