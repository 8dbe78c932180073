"""How often `env.py` is run for a round trip: once for each step, or once for all of them, with the same verdicts."""

from pathlib import Path

import pytest

from migrations.trips.histories import ENV, HistoryFiles, walking
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.round_trip import RoundTrip

TABLE = 'op.create_table("things", sa.Column("id", sa.Integer, primary_key=True))'
UNDONE = 'op.drop_table("things")'
COUNTED = """
from pathlib import Path

with Path(__file__).with_name("runs").open("a") as runs:
    runs.write("x")
"""
ONE_BY_ONE = 1 + 3 * 3
"""Runs of three revisions, and the look at `env.py` before."""
AT_ONCE = 1 + 3 + 2
BESIDES = {
    "before": ENV.replace("context.configure", "connection.exec_driver_sql('SELECT 1')\ncontext.configure"),
    "through alembic": ENV.replace(
        "    context.run", "    context.execute('SET LOCAL lock_timeout = 0')\n    context.run"
    ),
    "after": f"{ENV}\nconnection.exec_driver_sql('SELECT 1')\n",
}
"""What `env.py` may send itself."""
OWN_ENGINE = """
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=sa.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
WHOLE_TRANSACTION = """
from alembic import context

connection = context.config.attributes["connection"]
with connection.begin():
    context.configure(connection=connection)
    context.run_migrations()
"""
ENGINE = (
    ENV.replace("context.configure", "connection = connection.connect()\ncontext.configure") + "connection.close()\n"
)


def _written(path: Path, env: str, *later: tuple[str, str]) -> HistoryFiles:
    """Return a history that makes a table and then does what is said."""
    files = HistoryFiles(path, env=f"{COUNTED}{env}")
    files.add("a1", None, TABLE, UNDONE)
    below = "a1"
    for number, (up, undo) in enumerate(later, start=2):
        files.add(f"a{number}", below, up, undo)
        below = f"a{number}"
    return files


def _runs(files: HistoryFiles) -> int:
    return len((files.path / "migrations/runs").read_text(encoding="utf-8"))


PLAIN = (
    ('op.add_column("things", sa.Column("note", sa.Text))', 'op.drop_column("things", "note")'),
    ("execute('INSERT INTO things (id) VALUES (1)')", "execute('DELETE FROM things')"),
)


@pytest.mark.parametrize(
    "env", [ENV, ENGINE, ENV.replace("connection=connection", "connection=connection, transaction_per_migration=True")]
)
def test_one_run_will_do_where_nothing_else_is_done(tmp_path: Path, postgresql: Server, env: str) -> None:
    """Once a round trip was made run by run, and `env.py` did nothing but run Alembic, it is run once for the next."""
    files = _written(tmp_path, env, *PLAIN)

    with walking(files, postgresql) as walked:
        assert [walked.failed(each) for each in ("a1", "a2", "a3")] == [{}, {}, {}]

    assert _runs(files) in {AT_ONCE, AT_ONCE + 1}  # an offer that is not taken is a run, too


@pytest.mark.parametrize("env", [*BESIDES.values(), OWN_ENGINE], ids=[*BESIDES, "own engine"])
def test_what_is_done_besides_is_done_for_each_step(tmp_path: Path, postgresql: Server, env: str) -> None:
    """Where `env.py` sends a statement itself, or connects itself, it is run for each step, as under alembic."""
    files = _written(tmp_path, env, *PLAIN)

    with walking(files, postgresql) as walked:
        assert [walked.failed(each) for each in ("a1", "a2", "a3")] == [{}, {}, {}]

    assert _runs(files) == ONE_BY_ONE


def test_a_session_is_as_new_for_each_step(tmp_path: Path, postgresql: Server) -> None:
    """What a step leaves in its session, such as a temporary table or a setting, the next one does not find."""
    files = _written(
        tmp_path,
        ENV,
        (
            "execute('CREATE TEMPORARY TABLE helper (id int)', \"SET application_name = 'left behind'\")",
            "execute(\"DO $$ BEGIN ASSERT current_setting('application_name') = '', 'not as new'; END $$\")",
        ),
    )

    with walking(files, postgresql) as walked:
        assert walked.failed("a2") == {}

    assert _runs(files) == 1 + 3 + 1


def test_each_step_is_committed(tmp_path: Path, postgresql: Server) -> None:
    """A value that an upgrade adds to an enum, the downgrade may use: PostgreSQL allows it once that is committed."""
    files = _written(tmp_path, ENV, ("execute(\"CREATE TYPE mood AS ENUM ('fine')\")", "execute('DROP TYPE mood')"))
    files.add("a3", "a2", "execute(\"ALTER TYPE mood ADD VALUE 'soso'\")", "execute(\"SELECT 'soso'::mood\")")

    with walking(files, postgresql) as walked:
        assert walked.failed("a2") == {}
        trip = walked.trip("a3")

    assert isinstance(trip, RoundTrip)
    assert trip.downgrade is not None
    assert trip.downgrade.raised is None
    assert [f"{each.kind} {each.name}" for each in trip.left] == ["enum mood"]


def test_what_fails_is_run_again_step_by_step(tmp_path: Path, postgresql: Server) -> None:
    """A fault is believed only of a run of its own; the walk goes on as it would have without a fast way."""
    files = _written(tmp_path, ENV, PLAIN[0], ("execute('nonsense')", "pass"))
    files.add("b3", "a2", PLAIN[1][0], "execute('nonsense')")
    files.add("b4", "b3", "pass", "pass")

    with walking(files, postgresql) as walked:
        failed = {each: set(walked.failed(each)) for each in ("a1", "a2", "a3", "b3", "b4")}
        trip = walked.trip("a3")

    assert failed == {"a1": set(), "a2": set(), "a3": {"upgrade"}, "b3": {"downgrade"}, "b4": set()}
    assert isinstance(trip, RoundTrip)
    assert trip.upgrade.raised is not None
    assert trip.upgrade.raised.line == 14


@pytest.mark.parametrize("undo", ["pass", "execute('DELETE FROM things WHERE id = 1')"])
def test_what_is_left_is_seen(tmp_path: Path, postgresql: Server, undo: str) -> None:
    """What a downgrade does not undo is found all the same, and named."""
    files = _written(tmp_path, ENV, ("execute('INSERT INTO things (id) VALUES (1), (2)')", undo))

    with walking(files, postgresql) as walked:
        assert "things" in walked.failed("a2")["downgrade"]


def test_a_transaction_of_env_py_is_left_to_it(tmp_path: Path, postgresql: Server) -> None:
    """Where `env.py` has one transaction around everything, steps cannot be committed on the way: run by run then."""
    files = _written(tmp_path, WHOLE_TRANSACTION, *PLAIN)

    with walking(files, postgresql) as walked:
        assert [walked.failed(each) for each in ("a1", "a2", "a3")] == [{}, {}, {}]


def test_what_is_done_besides_is_noticed_later(tmp_path: Path, postgresql: Server) -> None:
    """A statement that `env.py` sends only after some revision makes that one, and later ones, be run step by step."""
    env = f"{ENV}\nif Path(__file__).with_name('told').exists():\n    connection.exec_driver_sql('SELECT 1')\n"
    tells = f"open({str(tmp_path / 'migrations/told')!r}, 'w').close()"
    files = _written(tmp_path, env, (tells, "pass"), *PLAIN)

    with walking(files, postgresql) as walked:
        assert [walked.failed(each) for each in ("a1", "a2", "a3", "a4")] == [{}, {}, {}, {}]

    again = 1 + 1 + 3  # another database: a look at `env.py`, the revision below, then this one
    assert _runs(files) == 1 + 3 + 1 + again + 3 + 3


def test_what_is_printed_belongs_to_its_step(tmp_path: Path, postgresql: Server) -> None:
    """What a function prints or warns of is told of its step."""
    files = _written(tmp_path, ENV, ("print('up')", "import warnings; warnings.warn('down', stacklevel=1)"))

    with walking(files, postgresql) as walked:
        trip = walked.trip("a2")

    assert isinstance(trip, RoundTrip)
    assert trip.downgrade is not None
    assert (trip.upgrade.output, trip.upgrade.warnings) == ("up\n", ())
    assert (trip.downgrade.output, trip.downgrade.warnings) == ("", ("UserWarning: down",))
    assert _runs(files) == 1 + 3 + 1


def test_locks_are_seen_in_one_run(tmp_path: Path, postgresql: Server) -> None:
    """What the upgrade locks is told; what the downgrade locks is not."""
    files = _written(tmp_path, ENV, PLAIN[0])
    files.add("a3", "a2", "execute('LOCK TABLE things IN SHARE MODE')", "execute('LOCK TABLE things')")

    with walking(files, postgresql) as walked:
        trip = walked.trip("a3")

    assert isinstance(trip, RoundTrip)
    assert {each.mode for each in trip.locks if each.relation == "things"} == {"SHARE"}
    assert _runs(files) == AT_ONCE
