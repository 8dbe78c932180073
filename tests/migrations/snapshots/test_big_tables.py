"""Tables that are kept as digests: what differs is still named, and one that nobody wrote to is not read again."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from pytest_darkhost.migrations.databases.values import Database, Server
from pytest_darkhost.migrations.differences import differences
from pytest_darkhost.migrations.row_differences import not_appended
from pytest_darkhost.migrations.snapshots import postgresql_rows
from pytest_darkhost.migrations.snapshots import sqlite as sqlite_snapshots
from pytest_darkhost.migrations.snapshots.taking import take
from pytest_darkhost.migrations.snapshots.values import Snapshot

BASE = (
    "CREATE TABLE big (id integer PRIMARY KEY, slug varchar(20) NOT NULL, note varchar(20))",
    "CREATE TABLE keyless (a integer, b varchar(20))",
    "INSERT INTO big VALUES (1, 'a', NULL), (2, 'b\t\n''\"', 'x'), (3, 'c', 'y')",
    "INSERT INTO keyless VALUES (1, 'x'), (NULL, 'y'), (2, NULL)",
)


@dataclass(frozen=True)
class Opened:
    """A database of a test whose tables are all big."""

    database: Database
    name: str

    def run(self, *statements: str) -> None:
        """Run statements and commit them."""
        with self.connected() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
            connection.commit()

    def take(self, earlier: Snapshot | None = None) -> Snapshot:
        """Return a snapshot."""
        with self.connected() as connection:
            return take(connection, earlier=earlier)

    def settled(self) -> Snapshot:
        """Return a snapshot that proves something: none does while transactions of others on the server are as old."""
        deadline = time.monotonic() + 30
        before = self.take()
        while (after := self.take(before)).tables["big"].digests is not before.tables["big"].digests:
            assert time.monotonic() < deadline
            before = after
        return after

    def connected(self) -> Connection:
        """Return a connection of its own."""
        return create_engine(self.database.url, poolclass=NullPool).connect()


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opened]:
    """The database, on each kind."""
    monkeypatch.setattr(sqlite_snapshots, "BIG_ROWS", -1)
    monkeypatch.setattr(postgresql_rows, "BIG_BYTES", -1)
    server: Server = request.getfixturevalue(request.param)
    opened = Opened(server.create(), request.param)
    opened.run(*BASE)
    yield opened
    opened.database.drop()


def shown(before: Snapshot, after: Snapshot) -> set[str]:
    """Return the differences in words."""
    return {f"{each.change} {each.name} {each.key} {each.column or ''}".strip() for each in differences(before, after)}


def key(opened: Opened, number: int) -> str:
    """Return how a number is shown: servers give text."""
    return f"id={number}" if opened.name == "sqlite" else f"id='{number}'"


def test_rows_are_named(opened: Opened) -> None:
    """Added, removed and changed rows are named by their key."""
    before = opened.take()
    assert before.tables["big"].rows is None
    opened.run(
        "UPDATE big SET note = 'z' WHERE id = 2", "DELETE FROM big WHERE id = 1", "INSERT INTO big VALUES (4, 'd', 'd')"
    )
    after = opened.take(before)
    assert shown(before, after) == {
        f"changed big {key(opened, 2)}",
        f"removed big {key(opened, 1)}",
        f"added big {key(opened, 4)}",
    }
    (removed,) = [each for each in differences(before, after) if each.change == "removed"]
    assert removed.row == (("id", 1 if opened.name == "sqlite" else "1"),)


def test_rows_without_a_key(opened: Opened) -> None:
    """The whole row is its name, NULLs included."""
    before = opened.take()
    opened.run("DELETE FROM keyless WHERE b IS NULL")
    two = 2 if opened.name == "sqlite" else "2"
    assert shown(before, opened.take(before)) == {f"removed keyless a={two!r}, b=None"}


def test_equal_rows_are_counted(opened: Opened) -> None:
    """One more of them, or one less, is a difference, though no line is new."""
    opened.run("INSERT INTO keyless VALUES (1, 'x'), (1, 'x')")
    before = opened.take()
    opened.run("INSERT INTO keyless VALUES (1, 'x')")
    one = "a=1" if opened.name == "sqlite" else "a='1'"
    assert shown(before, opened.take(before)) == {f"added keyless {one}, b='x'"}
    opened.run("DELETE FROM keyless WHERE a = 1", "INSERT INTO keyless VALUES (1, 'x'), (1, 'x')")
    assert shown(before, opened.take(before)) == {f"removed keyless {one}, b='x'"}


def test_columns_that_come_and_go(opened: Opened) -> None:
    """A column more or less is no difference of rows; a value that changed with it is, by column."""
    before = opened.take()
    opened.run("ALTER TABLE big ADD COLUMN brand varchar(20) DEFAULT 'q'")
    with_column = opened.take(before)
    assert not [each for each in differences(before, with_column) if each.kind == "row"]
    opened.run("UPDATE big SET note = 'changed' WHERE id = 3")
    changed = [each for each in differences(before, opened.take(before)) if each.kind == "row"]
    assert [(each.name, each.column) for each in changed] == [("big", "note")]


def test_what_is_the_same_again(opened: Opened) -> None:
    """Rows that were written and written back are no difference."""
    before = opened.take()
    opened.run("UPDATE big SET note = 'z' WHERE id = 2", "UPDATE big SET note = 'x' WHERE id = 2")
    assert shown(before, opened.take(before)) == set()


def test_append_only(opened: Opened) -> None:
    """A table may grow at its end; old rows that changed, and new ones among them, break the rule."""
    before = opened.take()
    opened.run("INSERT INTO big VALUES (4, 'd', 'd')")
    assert not_appended(before.tables["big"], opened.take(before).tables["big"]) == ()
    opened.run("INSERT INTO big VALUES (0, 'd', 'd')")
    (broken,) = not_appended(before.tables["big"], opened.take(before).tables["big"])
    assert (broken.change, broken.key) == ("added", "before the last of the old rows")
    opened.run("DELETE FROM big WHERE id IN (0, 2)")
    (broken,) = not_appended(before.tables["big"], opened.take(before).tables["big"])
    assert (broken.change, broken.key) == ("removed", key(opened, 2))


def test_an_untouched_table_is_not_read_again(opened: Opened) -> None:
    """The proof is the database's own, so that what was written to others makes no difference."""
    before = opened.settled()
    opened.run("INSERT INTO keyless VALUES (7, 'z')", "CREATE INDEX ix ON big (slug)")
    after = opened.take(before)
    assert after.tables["big"].digests is before.tables["big"].digests
    assert after.tables["keyless"].digests is not before.tables["keyless"].digests


WRITES = {
    "insert": ("INSERT INTO big VALUES (9, 'd', 'd')",),
    "update": ("UPDATE big SET note = 'z' WHERE id = 2",),
    "delete": ("DELETE FROM big WHERE id = 2",),
    "delete and insert": ("DELETE FROM big WHERE id = 2", "INSERT INTO big VALUES (9, 'd', 'd')"),
    "delete all": ("DELETE FROM big",),
    "swap": ("UPDATE big SET id = -id", "UPDATE big SET id = 4 + id"),
}


@pytest.mark.parametrize("statements", WRITES.values(), ids=WRITES.keys())
def test_every_write_is_noticed(opened: Opened, statements: tuple[str, ...]) -> None:
    """Also one that leaves the number of rows as it was, after a proof that nothing had been written."""
    before = opened.settled()
    opened.run(*statements)
    assert any("big" in each for each in shown(before, opened.take(before)))


def test_a_write_in_the_same_transaction(opened: Opened) -> None:
    """A snapshot of what is not committed yet proves nothing for later."""
    with opened.connected() as connection:
        connection.exec_driver_sql("UPDATE big SET note = 'z' WHERE id = 2")
        before = take(connection)
        connection.exec_driver_sql("UPDATE big SET note = 'y' WHERE id = 2")
        after = take(connection, earlier=before)
        assert shown(before, after) == {f"changed big {key(opened, 2)}"}
        connection.rollback()


@pytest.mark.parametrize(
    "statements",
    [
        ("TRUNCATE big",),
        ("ALTER TABLE big ALTER note TYPE varchar(10) USING upper(note)",),
        ("SET session_replication_role = replica", "UPDATE big SET note = 'z'"),
        ("CREATE TABLE other AS SELECT * FROM big", "TRUNCATE big", "INSERT INTO big SELECT id, slug, 'z' FROM other"),
        ("SAVEPOINT a", "UPDATE big SET note = 'z'", "RELEASE a"),
    ],
)
def test_writes_of_postgresql(postgresql: Server, monkeypatch: pytest.MonkeyPatch, statements: tuple[str, ...]) -> None:
    """Truncation, a rewrite, a session that fires no triggers, savepoints."""
    monkeypatch.setattr(postgresql_rows, "BIG_BYTES", -1)
    opened = Opened(postgresql.create(), "postgresql")
    opened.run(*BASE)
    before = opened.take()
    opened.run(*statements)
    assert [each for each in differences(before, opened.take(before)) if each.kind == "row" and each.name == "big"]
    opened.database.drop()


def test_a_renamed_value_of_an_enum(postgresql: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """It changes rows that nobody wrote."""
    monkeypatch.setattr(postgresql_rows, "BIG_BYTES", -1)
    opened = Opened(postgresql.create(), "postgresql")
    opened.run("CREATE TYPE c AS ENUM ('x', 'y')", "CREATE TABLE big (id integer PRIMARY KEY, c c)")
    opened.run("INSERT INTO big VALUES (1, 'x'), (2, 'y')")
    before = opened.take()
    opened.run("ALTER TYPE c RENAME VALUE 'x' TO 'z'")
    assert "changed big id='1'" in shown(before, opened.take(before))
    opened.database.drop()


def test_pages_tell_nothing_in_wal_mode(sqlite: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed may not be in the file yet."""
    monkeypatch.setattr(sqlite_snapshots, "BIG_ROWS", -1)
    opened = Opened(sqlite.create(), "sqlite")
    opened.run("PRAGMA journal_mode = WAL", *BASE)
    with opened.connected() as reader:
        before = take(reader)
        opened.run("UPDATE big SET note = 'z' WHERE id = 2")
        assert shown(before, take(reader, earlier=before)) == {"changed big id=2"}
    assert before.tables["big"].stamp == ""


def test_a_table_that_grew(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is kept as it was in the earlier snapshot, and snapshots that do not fit are refused."""
    big = opened.take()
    monkeypatch.setattr(sqlite_snapshots, "BIG_ROWS", 1000)
    monkeypatch.setattr(postgresql_rows, "BIG_BYTES", 1 << 20)
    small = opened.take()
    assert opened.take(big).tables["big"].rows is None
    with pytest.raises(ValueError, match="take the later one with the earlier one"):
        differences(big, small)


@pytest.mark.parametrize("limit_bytes", [-1, 1 << 20])
def test_odd_shapes(postgresql: Server, monkeypatch: pytest.MonkeyPatch, limit_bytes: int) -> None:
    """Tables with very many columns, with none, and very many tables."""
    monkeypatch.setattr(postgresql_rows, "BIG_BYTES", limit_bytes)
    opened = Opened(postgresql.create(), "postgresql")
    wide = ", ".join(f"c{number} integer" for number in range(150))
    opened.run(f"CREATE TABLE wide ({wide})", "INSERT INTO wide (c1) VALUES (1), (2)")
    opened.run("CREATE TABLE none ()", "INSERT INTO none DEFAULT VALUES")
    opened.run(*(f"CREATE TABLE t{number} (id integer PRIMARY KEY)" for number in range(60)))
    before = opened.take()
    assert (before.tables["wide"].count, before.tables["none"].count) == (2, 1)
    opened.run("UPDATE wide SET c149 = 7 WHERE c1 = 2", "INSERT INTO t59 VALUES (1)", "INSERT INTO none DEFAULT VALUES")
    changed = {(each.name, each.change) for each in differences(before, opened.take(before))}
    assert changed == {("wide", "removed"), ("wide", "added"), ("t59", "added"), ("none", "added")}
    opened.database.drop()
