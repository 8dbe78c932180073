"""What statements are called, what belongs together, which columns a database fills, and where rows are put in."""

import importlib.util
from pathlib import Path

import pytest
import sqlalchemy as sa

from migrations.trips.histories import HistoryFiles
from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.containment import essential
from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.drivers import blocking, url_for
from pytest_darkhost.migrations.engines import engine_for
from pytest_darkhost.migrations.generated import generated_columns
from pytest_darkhost.migrations.ini import locate
from pytest_darkhost.migrations.itinerary import rows_belong_after
from pytest_darkhost.migrations.statements import Statement, verb_of

VERBS = {
    "UPDATE t SET a = 1": "UPDATE",
    "  -- a comment\n/* and one */ delete from t": "DELETE",
    "WITH x AS (SELECT 1) UPDATE t SET a = 1": "UPDATE",
    "WITH gone AS (DELETE FROM t RETURNING id) SELECT count(*) FROM gone": "SELECT",
    "WITH x AS (SELECT 1) SELECT * FROM x": "SELECT",
    "(SELECT 1)": "SELECT",
    "": "",
}


@pytest.mark.parametrize(("text", "verb"), VERBS.items())
def test_the_verb_of_a_statement(text: str, verb: str) -> None:
    """Comments and parentheses are passed over; after WITH the main statement counts."""
    assert verb_of(text) == verb


TABLES = {
    'INSERT INTO "models" (id) VALUES (1)': "models",
    "UPDATE ONLY public.models SET a = 1": "public.models",
    "delete from models": "models",
    "CREATE TABLE x (id INT)": "",
}


@pytest.mark.parametrize(("text", "table"), TABLES.items())
def test_the_table_of_a_statement(text: str, table: str) -> None:
    """The table that is written, without quotes."""
    assert Statement(verb_of(text), text, 1, None).table == table


def test_only_statements_that_should_change_rows_can_touch_nothing() -> None:
    """An INSERT … SELECT of no rows, as batch mode sends it, is no fault; an unknown count is none either."""
    assert Statement("UPDATE", "", 0, None).touched_nothing
    assert not Statement("INSERT", "", 0, None).touched_nothing
    assert not Statement("UPDATE", "", None, None).touched_nothing


def test_a_new_table_is_one_difference() -> None:
    """Its columns, keys, indexes, owner and sequence follow from it; its rows do not."""
    found = essential(
        (
            Difference("column", "added", "more.id"),
            Difference("constraint", "added", "more primary key(id)"),
            Difference(
                "index", "added", "more_pkey", after="CREATE UNIQUE INDEX more_pkey ON public.more USING btree (id)"
            ),
            Difference("owner", "added", "more"),
            Difference("sequence", "added", "more_id_seq", after="integer start 1 owned by more.id"),
            Difference("table", "added", "more"),
            Difference("row", "added", "more", "id=1"),
        )
    )

    assert [(each.kind, each.name) for each in found] == [("table", "more"), ("row", "more")]


def test_what_goes_from_a_table_that_stays_is_told() -> None:
    """An index of an old table follows from nothing, nor does a column that goes where one comes."""
    told = (
        Difference("index", "removed", "ix_old", before="CREATE INDEX ix_old ON old (a)"),
        Difference("type", "changed", "old.a", before="integer", after="bigint"),
        Difference("column", "added", "old.b"),
        Difference("constraint", "removed", "old.b NOT NULL"),
    )

    assert set(essential(told)) == set(told)


def test_columns_that_a_database_fills(sqlite, postgresql) -> None:  # type: ignore[no-untyped-def]
    """Counted keys, references to them and computed defaults; constants are none."""
    for server in (sqlite, postgresql):
        database = server.create()
        engine = engine_for(database.url)
        metadata = sa.MetaData()
        sa.Table(
            "makers",
            metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("at", sa.DateTime, server_default=sa.func.now()),
            sa.Column("state", sa.String(9), server_default="new"),
        )
        sa.Table(
            "things",
            metadata,
            sa.Column("slug", sa.String(9), primary_key=True),
            sa.Column("maker_id", sa.ForeignKey("makers.id")),
        )
        with engine.begin() as connection:
            metadata.create_all(connection)
            found = generated_columns(connection, ["makers", "things", "nowhere"])
        engine.dispose()
        database.drop()

        assert found == {"makers.id", "makers.at", "things.maker_id"}


OURS = sa.make_url("postgresql+psycopg://us@ours/x")
URLS = {
    "postgresql+asyncpg://h/d": "postgresql+asyncpg",
    "sqlite+aiosqlite:///x.db": "postgresql+psycopg",
    "driver://user:pass@localhost/dbname": "postgresql+psycopg",
    "postgresql://h/d": "postgresql+psycopg",
    "postgresql+asyncpg://%(user)s@%(host)s:%(port)s/d": "postgresql+asyncpg",
}


@pytest.mark.parametrize(("configured", "driver"), URLS.items())
def test_the_driver_is_the_team_s_own(tmp_path: Path, configured: str, driver: str) -> None:
    """Where the ini names a driver for this kind of database, `env.py` gets our URL with it."""
    files = HistoryFiles(tmp_path, ini=f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {configured}\n")
    own = locate(files.path / "alembic.ini", tmp_path).driver

    found = url_for(OURS, own, "nowhere/env.py")

    assert found.drivername == driver
    assert found.database == "x"


@pytest.mark.parametrize(
    ("own", "installed", "driver"),
    [
        ("postgresql+psycopg2", True, "postgresql+psycopg2"),
        ("postgresql+psycopg2", False, "postgresql+psycopg"),
        ("postgresql+asyncpg", True, "postgresql+psycopg"),
        ("", True, "postgresql+psycopg"),
    ],
)
def test_the_connection_that_is_offered_has_the_team_s_driver(
    monkeypatch: pytest.MonkeyPatch, own: str, driver: str, *, installed: bool
) -> None:
    """Where it blocks, and is there: a statement that one driver takes another may refuse."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object() if installed else None)

    found = blocking(url_for(OURS, own, "nowhere/env.py"), OURS)

    assert found.drivername == driver


def test_rows_are_put_in_below_what_is_judged(tmp_path: Path) -> None:
    """After the revision that they name, else the last one that is not judged, else the last but the head."""
    files = HistoryFiles(tmp_path)
    for number in range(1, 5):
        files.add(f"a{number}", f"a{number - 1}" if number > 1 else None)
    history = files.load()
    every = frozenset({"a1", "a2", "a3", "a4"})

    assert rows_belong_after(history, "a2", every) == "a2"
    assert rows_belong_after(history, None, frozenset({"a3", "a4"})) == "a2"
    assert rows_belong_after(history, None, every) == "a3"
    assert rows_belong_after(history, "a3,a1", every) == "a3"
    with pytest.raises(UsageError, match=r"'a22' is no revision of alembic.ini, expected one of 'a2', "):
        rows_belong_after(history, "a22", every)
    with pytest.raises(UsageError, match=r"'a' begins 4 revisions of alembic.ini, expected one of "):
        rows_belong_after(history, "a", every)
