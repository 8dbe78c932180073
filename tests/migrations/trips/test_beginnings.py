"""What a revision builds on: tables that something else made below the first one, and what those below have left."""

from pathlib import Path

import pytest

from migrations.trips.histories import HistoryFiles, Options, walking
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.itinerary import BASE, Rows, rows_belong_after
from pytest_darkhost.migrations.rows.source import rows_in_file
from pytest_darkhost.verdicts import Failed

START = """
-- revision: base
CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(20));
INSERT INTO users VALUES (1, 'somebody');
"""


def _history(tmp_path: Path) -> HistoryFiles:
    files = HistoryFiles(tmp_path)
    files.add("a1", None)
    files.add(
        "a2", "a1", 'op.add_column("users", sa.Column("email", sa.String(20)))', 'op.drop_column("users", "email")'
    )
    files.add("a3", "a2", "execute(\"UPDATE users SET email = 'x'\")", 'execute("DELETE FROM users")')
    return files


def test_the_beginning_is_run_below_the_first_revision(tmp_path: Path, server: Server) -> None:
    """Its tables and rows are there for every revision, also once the database was made anew."""
    (tmp_path / "start.sql").write_text(START)
    files, source = _history(tmp_path), rows_in_file(tmp_path / "start.sql", "start.sql")
    files.add(
        "a4", "a3", 'execute("ALTER TABLE users DROP COLUMN email")', 'execute("ALTER TABLE users ADD email INT")'
    )
    after = rows_belong_after(files.load(), source.revision, frozenset())

    with walking(files, server, Options(rows=Rows(after, source.put))) as walked:
        assert after == BASE
        assert walked.failed("a1") == walked.failed("a2") == {}
        assert walked.failed("a3")["downgrade"] in {"users id=1: row removed", "users id='1': row removed"}
        assert "upgrade" not in walked.failed("a4")


def test_a_table_that_is_not_there_leads_to_the_beginning(tmp_path: Path, server: Server) -> None:
    """Who runs such a history without its beginning is told that it has one."""
    with walking(_history(tmp_path), server) as walked:
        verdict = walked.verdicts("a2")["upgrade"]

    assert isinstance(verdict, Failed)
    assert dict(verdict.context)["perhaps"].startswith("the history begins with tables that something else makes")


def test_a_batch_on_a_table_that_is_not_there_leads_to_the_beginning(tmp_path: Path, server: Server) -> None:
    """Alembic looks the table up before it sends a statement, so that the error is SQLAlchemy's own."""
    files = HistoryFiles(tmp_path)
    files.add("a1", None)
    batch = 'with op.batch_alter_table("users", recreate="always") as batch:\n    '
    files.add("a2", "a1", f'{batch}batch.add_column(sa.Column("email", sa.String(20)))')
    with walking(files, server) as walked:
        verdict = walked.verdicts("a2")["upgrade"]

    assert isinstance(verdict, Failed)
    assert dict(verdict.context)["perhaps"].startswith("the history begins with tables that something else makes")


def test_a_database_is_made_anew_from_the_last_one_that_was(tmp_path: Path, server: Server) -> None:
    """Revisions that cannot be undone cost no more the later they come: each upgrade runs thrice at most."""
    files = HistoryFiles(tmp_path)
    count = 8
    for number in range(count):
        table = f'"t{number}"'
        up = f"open({str(tmp_path / 'runs')!r}, 'a').write('.')\nop.create_table({table}, sa.Column('id', sa.Integer))"
        files.add(f"a{number}", f"a{number - 1}" if number else None, up)

    with walking(files, server) as walked:
        assert all(set(walked.failed(f"a{number}")) == {"downgrade", "upgrade_again"} for number in range(count))

    assert len((tmp_path / "runs").read_text()) <= 3 * count


OTHERS = "op.create_table('others', sa.Column('id', sa.Integer), sa.Column('note', sa.Text))"
UNFIT = {
    "a second upgrade that fails": (
        f"{OTHERS}\nop.create_table('helper', sa.Column('id', sa.Integer))",
        "op.drop_table('others')",
        {"downgrade", "upgrade_again"},
    ),
    "a second upgrade that does otherwise": (
        f"if 'helper' not in sa.inspect(op.get_bind()).get_table_names():\n    {OTHERS}\n"
        "    op.create_table('helper', sa.Column('id', sa.Integer))\n"
        "else:\n    op.create_table('others', sa.Column('id', sa.Integer))",
        "op.drop_table('others')",
        {"downgrade", "upgrade_again"},
    ),
    "a downgrade that fails half-way": (
        OTHERS,
        "op.drop_table('others')\nop.get_bind().commit()\nexecute('nonsense')",
        {"downgrade"},
    ),
}
"""What leaves a database in which the first upgrade is not as it was."""


@pytest.mark.parametrize(("up", "undo", "failed"), UNFIT.values(), ids=UNFIT)
def test_nothing_builds_on_what_is_not_as_it_was(
    tmp_path: Path, sqlite: Server, up: str, undo: str, failed: set[str]
) -> None:
    """The next revision finds what the first upgrade has made, in a database that was made anew."""
    files = HistoryFiles(tmp_path)
    files.add("a1", None, up, undo)
    files.add("a2", "a1", "execute(\"INSERT INTO others (id, note) VALUES (1, 'x')\")", "execute('DELETE FROM others')")

    with walking(files, sqlite) as walked:
        assert set(walked.failed("a1")) == failed
        assert walked.failed("a2") == {}


def test_rows_that_the_database_fills_are_the_same(tmp_path: Path, postgresql: Server) -> None:
    """A default that is computed gives each upgrade another value, as the key here; it is no difference."""
    files = HistoryFiles(tmp_path)
    table = "CREATE TABLE things (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), note text)"
    files.add("a1", None, f"execute('{table}')", "op.drop_table('things')")
    files.add("a2", "a1", "execute(\"INSERT INTO things (note) VALUES ('x')\")", "execute('DELETE FROM things')")

    with walking(files, postgresql) as walked:
        assert walked.failed("a2") == {}
