"""What a failure says besides: where env.py broke, what the driver raised, and what is often behind it."""

from pathlib import Path

import pytest
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi

from migrations.trips.histories import ENV, HistoryFiles, walking
from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.steps import Raised
from pytest_darkhost.verdicts import Failed

BATCH = 'with op.batch_alter_table("things") as batch:\n    batch.alter_column("size", nullable={})'
TABLE = 'op.create_table("things", sa.Column("id", sa.Integer, primary_key=True), sa.Column("size", sa.Integer))'


def _hint(files: HistoryFiles, server: Server, revision: str, check: str) -> str | None:
    with walking(files, server) as walked:
        verdict = walked.verdicts(revision)[check]
    assert isinstance(verdict, Failed)
    return dict(verdict.context).get("perhaps")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "import nowhere_at_all",
            "ModuleNotFoundError: No module named 'nowhere_at_all', expected it to run",
        ),
        ("def broken(:", "SyntaxError: *, expected it to run as it does under alembic"),
        (
            "context.config.settings",
            "AttributeError: 'Config' object has no attribute 'settings', expected *'An application that runs Alembic",
        ),
        (
            "raise RuntimeError('Working outside of application context.')",
            "RuntimeError: Working outside of application context., expected *'An application that runs Alembic",
        ),
        (
            "import asyncio; asyncio.get_running_loop()",
            "RuntimeError: no running event loop, expected *in no event loop. Does an application run it in one?",
        ),
        (
            "import anyio.from_thread; anyio.from_thread.run(anyio.sleep, 0)",
            "*, expected it to run as it does under alembic, in no event loop. Does an application run it in one?",
        ),
        (
            "print('Please use the  manage command'); raise SystemExit(1)",
            "SystemExit: 1 (Please use the manage command), expected the database",
        ),
        ("raise KeyError('DATABASE_URL')", "KeyError: 'DATABASE_URL', expected the database that darkhost offers. Let"),
    ],
    ids=["import", "syntax", "attribute", "application", "loop", "worker", "exit", "setting"],
)
def test_an_env_that_breaks_is_told_with_its_line(tmp_path: Path, sqlite: Server, line: str, told: str) -> None:
    """What is no question of the database gets no advice on databases."""
    files = HistoryFiles(tmp_path, env=f"{ENV}\n{line}\n")
    files.add("a1", None)
    number = len(ENV.splitlines()) + 2

    with walking(files, sqlite) as walked, pytest.raises(HistoryError) as info:
        walked.trip("a1")

    before, _, after = told.partition("*")
    assert str(info.value).startswith(f"migrations/env.py:{number}: {before}")
    assert after in str(info.value)


def test_what_an_async_driver_raised_is_named() -> None:
    """SQLAlchemy puts an error called `Error` around it."""
    error = AsyncAdapt_asyncpg_dbapi.Error("<class 'asyncpg.UndefinedTableError'>: no users")
    error.__cause__ = LookupError("no users")

    assert str(Raised.of(error, "x.py")) == "LookupError: no users"


def test_an_extension_that_is_not_there_leads_to_another_server(tmp_path: Path, postgresql: Server) -> None:
    """The embedded server has few."""
    files = HistoryFiles(tmp_path)
    files.add("a1", None, 'execute("CREATE EXTENSION nowhere")')

    assert "--darkhost-database=URL" in str(_hint(files, postgresql, "a1", "upgrade"))


def test_a_connection_of_its_own_that_meets_a_lock_leads_to_that_of_the_migration(
    tmp_path: Path, sqlite: Server
) -> None:
    """Which has begun a transaction: Alembic has made its version table in it."""
    files = HistoryFiles(tmp_path)
    own = "with {0}.begin() as own:\n    sa.Table('things', sa.MetaData(), sa.Column('id', sa.Integer)).create({1})"
    file = files.add("a1", None, own.format("op.get_bind().engine", "own, checkfirst=True"), 'op.drop_table("things")')

    assert "op.get_bind() or op.execute()" in str(_hint(files, sqlite, "a1", "upgrade"))

    file.write_text(file.read_text().replace(".engine.begin()", ".begin_nested()").replace("(own,", "(op.get_bind(),"))
    with walking(files, sqlite) as walked:
        assert walked.failed("a1") == {}


def test_a_parameter_that_the_server_refuses_leads_to_another_driver(tmp_path: Path, postgresql: Server) -> None:
    """psycopg2 would have filled in `'0'`, which PostgreSQL takes for a number."""
    files = HistoryFiles(tmp_path)
    file = files.add("a1", None, f"{TABLE}\nop.execute(THINGS.update().values(size='0'))")
    things = "THINGS = sa.table('things', sa.column('size', sa.String))"
    file.write_text(file.read_text().replace("def execute", f"{things}\n\ndef execute"))

    assert "--darkhost-database=postgresql+psycopg2" in str(_hint(files, postgresql, "a1", "upgrade"))


@pytest.mark.parametrize(
    ("undo", "hinted"),
    [("raise ValueError('never')", True), ("int('x')", False), ("pass", True), ("execute('SELECT 1')", False)],
    ids=["refuses", "breaks", "does nothing", "forgets something"],
)
def test_a_downgrade_that_goes_one_way_in_its_own_words_is_told_ours(
    tmp_path: Path, sqlite: Server, undo: str, *, hinted: bool
) -> None:
    """One that refuses, or does nothing at all; not one that has a fault."""
    files = HistoryFiles(tmp_path)
    files.add("a1", None, TABLE, undo)

    assert ("NotImplementedError" in str(_hint(files, sqlite, "a1", "downgrade"))) is hinted


def test_copies_of_batch_mode_are_no_data_statements(tmp_path: Path, server: Server) -> None:
    """The rows that a revision itself writes are counted, on SQLite as on a database that needs no copy."""
    files = HistoryFiles(tmp_path)
    files.add("a1", None, f"{TABLE}\nexecute('INSERT INTO things VALUES (1, 2)')", 'op.drop_table("things")')
    files.add("a2", "a1", BATCH.format(False), BATCH.format(True))

    with walking(files, server) as walked:
        assert walked.failed("a2") == {}
        verdict = walked.verdicts("a2")["upgrade"]

    assert verdict.figures["rows"] == {}  # type: ignore[union-attr]


def test_values_that_are_made_up_each_time_may_be_declared(tmp_path: Path, server: Server) -> None:
    """They are the revision's own, not the database's."""
    files = HistoryFiles(tmp_path)
    salted = "import uuid\nop.bulk_insert(t, [{'id': 1, 'salt': str(uuid.uuid4())}])"
    table = 'sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), sa.Column("salt", sa.String(36))'
    files.add("a1", None, f't = op.create_table("t", {table})\n{salted}', 'op.drop_table("t")')

    assert "'volatile'" in str(_hint(files, server, "a1", "upgrade_again"))


@pytest.mark.parametrize("own", ["", "execute('SELECT 1')"], ids=["nothing", "asks"])
def test_what_sqlalchemy_looks_up_is_not_what_the_revision_did_last(tmp_path: Path, server: Server, own: str) -> None:
    """A question of the revision's own is: its author finds that in the file."""
    looking = "sa.Table('things', sa.MetaData(), autoload_with=op.get_bind())\nsa.inspect(op.get_bind()).has_table('x')"
    files = HistoryFiles(tmp_path)
    files.add("a1", None, TABLE)
    files.add("a2", "a1", f"{own}\n{looking}\nexecute('SELECT nothing')")

    with walking(files, server) as walked:
        verdict = walked.verdicts("a2")["upgrade"]

    assert isinstance(verdict, Failed)
    assert dict(verdict.context).get("after") == ("SELECT 1" if own else None)
