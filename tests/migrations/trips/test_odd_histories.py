"""Histories as teams have them: several bases, deep directories, schemas of their own, a squashed dump."""

from pathlib import Path

import pytest

from migrations.trips.histories import HistoryFiles, Options, walking
from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.steps import Hooks
from pytest_darkhost.verdicts import Failed, NotJudged

ASYNC_BY_VARIABLE = """
import asyncio, os
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

def run(connection):
    context.configure(connection=connection, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()

async def main():
    engine = create_async_engine(os.environ["APP_DATABASE_URL"], poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()

asyncio.run(main())
"""
OPS = """
from alembic import context

connection = context.config.attributes["connection"]
connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS ops")
connection.commit()
context.configure(connection=connection, include_schemas=True, version_table="applied", version_table_schema={schema!r})
with context.begin_transaction():
    context.run_migrations()
"""
DUMP = r"""
SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'ok; fine');
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $_$
BEGIN NEW.at := clock_timestamp(); -- 100% sure; really
  RETURN NEW; END;
$_$;
CREATE TABLE app.things (id bigint NOT NULL, mood app.mood DEFAULT 'sad'::app.mood, at timestamptz, note text);
CREATE SEQUENCE app.things_id_seq;
ALTER TABLE ONLY app.things ALTER COLUMN id SET DEFAULT nextval('app.things_id_seq'::regclass);
INSERT INTO app.things (id, note) VALUES (7, '50% off');
SELECT pg_catalog.setval('app.things_id_seq', 7, true);
ALTER TABLE ONLY app.things ADD CONSTRAINT things_pkey PRIMARY KEY (id);
CREATE TRIGGER touched BEFORE UPDATE ON app.things FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE VIEW app.sad AS SELECT id FROM app.things WHERE mood = 'sad'::app.mood;
COMMENT ON TABLE app.things IS 'it''s ours';
"""
RUN_DUMP = f"op.get_bind().exec_driver_sql({DUMP.replace('%', '%%')!r})"
NOTE = "execute(\"UPDATE app.things SET note = '{}' WHERE id = 7\")"


def moved(file: Path, place: Path) -> None:
    """Put a revision file into another directory."""
    place.mkdir(parents=True, exist_ok=True)
    file.rename(place / file.name)


def test_two_bases_that_depend_by_label(tmp_path: Path, server: Server) -> None:
    """Each in a directory of its own; what a label stands for is run first."""
    ini = "[alembic]\nscript_location = %(here)s/migrations\nversion_locations = {}\npath_separator = os\n"
    files = HistoryFiles(tmp_path, ini=ini.format("%(here)s/migrations/versions:%(here)s/billing"))
    users = 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))'
    bills = 'op.create_table("bills", sa.Column("id", sa.Integer, sa.ForeignKey("users.id"), primary_key=True))'
    files.add("zz1", None, users, 'op.drop_table("users")', label="core")
    first = files.add("aa1", None, bills, 'op.drop_table("bills")', needs="core", label="billing")
    moved(first, tmp_path / "billing")
    moved(files.add("aa2", "aa1", 'execute("DELETE FROM bills")', needs="zz1"), tmp_path / "billing")

    with walking(files, server) as walked:
        assert [walked.failed(each) for each in ("aa1", "aa2", "zz1")] == [{}, {}, {}]


def test_deep_directories_and_an_engine_of_its_own(tmp_path: Path, server: Server) -> None:
    """`recursive_version_locations`, async, and a URL that comes from a variable alone."""
    ini = "[alembic]\nscript_location = %(here)s/migrations\nrecursive_version_locations = true\n"
    files = HistoryFiles(tmp_path, env=ASYNC_BY_VARIABLE, ini=ini)
    table = 'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))'
    column = 'with op.batch_alter_table("t") as t:\n    t.{}'
    one = files.add("one", None, table, 'op.drop_table("t")')
    add = column.format('add_column(sa.Column("n", sa.Integer, server_default="3", nullable=False))')
    two = files.add("two", "one", add, column.format('drop_column("n")'))
    three = files.add("three", "two", "pass", 'raise RuntimeError("this cannot be undone")')
    moved(one, files.versions / "2024/01")
    moved(two, files.versions / "2024/02/deep")
    moved(three, files.versions / "2025")

    with walking(files, server, Options(hooks=Hooks(environ={"APP_DATABASE_URL": "{url}"}))) as walked:
        assert walked.failed("one") == walked.failed("two") == {}
        assert walked.failed("three") == {"downgrade": "it raised RuntimeError: this cannot be undone"}
        again = walked.verdicts("three")["upgrade_again"]
    assert isinstance(again, NotJudged)
    assert again.code == "downgrade_failed"


@pytest.mark.parametrize("schema", ["ops", "public"])
def test_a_squashed_dump_and_schemas_of_its_own(tmp_path: Path, postgresql: Server, schema: str) -> None:
    """The dump leaves no search path; the version table is in a schema; a trigger's time stamp is declared."""
    files = HistoryFiles(tmp_path, env=OPS.format(schema=schema))
    files.add("s0", None, RUN_DUMP, 'execute("DROP SCHEMA app CASCADE")')
    row = {"table": "app.things", "row": {"id": 7}, "columns": ["note"]}
    declared = {"changes": [row], "volatile": ["app.things.at"]}
    files.add("s1", "s0", NOTE.format("new"), NOTE.format("50% off"), declared=declared)
    files.add("s2", "s1", NOTE.format("newer"), NOTE.format("new"))

    with walking(files, postgresql) as walked:
        assert walked.failed("s0") == {}
        assert walked.failed("s1") == {}
        assert set(walked.failed("s2")) == {"downgrade", "upgrade_again"}
        stamped = walked.verdicts("s2")["downgrade"]
    assert isinstance(stamped, Failed)
    assert stamped.actual.startswith("app.things id='7': at: before '")


def test_only_the_version_table_itself_is_left_out(tmp_path: Path, postgresql: Server) -> None:
    """A table of the same name in another schema is compared like any other."""
    files = HistoryFiles(tmp_path, env=OPS.format(schema="ops"))
    files.add("s0", None, 'execute("CREATE TABLE applied (id int)")')

    with walking(files, postgresql) as walked:
        assert walked.failed("s0")["downgrade"].startswith("table applied: added")


def test_the_beginning_of_an_id_is_no_id(tmp_path: Path) -> None:
    """Alembic takes it on a command line, not in a file: the ids that begin so are named."""
    files = HistoryFiles(tmp_path)
    files.add("b1aaaaaa", None)
    files.add("b2aaaaaa", "b1")

    with pytest.raises(
        HistoryError, match=r"b2aaaaaa_it.py:7: down_revision 'b1' is not there, .*, such as b1aaaaaa\."
    ):
        files.load()


@pytest.mark.parametrize(("down", "needs"), [("c3", None), ("b1", "c3")], ids=["down_revision", "depends_on"])
def test_a_cycle_is_told_with_its_files(files: HistoryFiles, down: str, needs: str | None) -> None:
    """What it builds on is no part of it."""
    files.add("b1", None)
    files.add("c2", down, needs=needs)
    files.add("c3", "c2")

    told = r"/c2_it.py:7: revision 'c2' builds on itself, by way of 'c3' \(migrations/versions/c3_it.py:7\), expected "
    with pytest.raises(HistoryError, match=told):
        files.load()


def test_a_revision_that_cannot_be_imported_is_named(tmp_path: Path) -> None:
    """With its line, and the directory from which `alembic` would import it."""
    files = HistoryFiles(tmp_path)
    file = files.add("a1", None)
    file.write_text(f"import nowhere_at_all\n{file.read_text()}")

    told = r"^migrations/versions/a1_it.py:1: ModuleNotFoundError: No module named 'nowhere_at_all', expected .* from "
    with pytest.raises(HistoryError, match=told):
        files.load()
