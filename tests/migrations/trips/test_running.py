"""How often `env.py` is run for a round trip: once for each step, or once for all of them, with the same verdicts."""

import sys
import textwrap
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine

from migrations.trips.histories import ENV, HistoryFiles, walking
from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.lock_record import Holder, LockRecord
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.migrations.running import following
from pytest_darkhost.migrations.senders import noting_besides
from pytest_darkhost.migrations.snapshots.values import Snapshot
from pytest_darkhost.migrations.steps import Direction, Raised, Step
from pytest_darkhost.migrations.trips import round_trip

TABLE = 'op.create_table("things", sa.Column("id", sa.Integer, primary_key=True))'
UNDONE = 'op.drop_table("things")'
COUNTED = """
from pathlib import Path
from alembic import context

with Path(__file__).with_name("runs").open("a") as runs:
    runs.write(f"{context.config.cmd_opts.revision}\\n")
"""
ONE_BY_ONE = 1 + 3 * 3
"""Runs of three revisions, and the look at `env.py` before."""
AT_ONCE = 1 + 3 + 2
HARMLESS = "execute('SELECT 1')"
FAULTS = {
    "a transaction within Alembic's": (
        HARMLESS,
        "with op.get_bind().begin():\n    execute('SELECT 1')",
    ),
    "an isolation level of the upgrade's": (
        "op.get_bind().commit()\nop.get_bind().execution_options(isolation_level='AUTOCOMMIT')\n"
        "execute('CREATE INDEX CONCURRENTLY ix ON things (id)')",
        "execute('DROP INDEX CONCURRENTLY ix')",
    ),
    "a driver told by the upgrade": (
        "op.get_bind().commit()\nop.get_bind().connection.driver_connection.autocommit = True",
        "execute('DROP INDEX CONCURRENTLY IF EXISTS ix')",
    ),
    "an option of the upgrade's": (
        "op.get_bind().execution_options(told=True)",
        "assert 'told' in op.get_bind().get_execution_options()",
    ),
    "another connection of Alembic's": (
        "import copy\nop.get_context().connection = copy.copy(op.get_bind())",
        "assert op.get_context().connection is not op.get_bind()",
    ),
    "what was hung on Alembic's context": ("op.get_context().told = True", "assert op.get_context().told"),
    "what was hung on Alembic's dialect": ("op.get_context().impl.told = True", "assert op.get_context().impl.told"),
    "an option of Alembic's": ("op.get_context().opts['told'] = True", "assert 'told' in op.get_context().opts"),
    "a listener of the upgrade's": (
        "def changed(one, cursor, text, values, *_):\n    return text.replace('nonsense', 'SELECT 1'), values\n"
        "sa.event.listen(op.get_bind(), 'before_cursor_execute', changed, retval=True)",
        "execute('nonsense')",
    ),
    "a head that there is not": (
        "execute(\"INSERT INTO alembic_version VALUES ('gone')\")",
        "execute(\"DELETE FROM alembic_version WHERE version_num = 'gone'\")",
    ),
}
"""Downgrades that run only on what the upgrade left in the same run."""
BESIDES = {
    "before": ENV.replace("context.configure", "connection.exec_driver_sql('SELECT 1')\ncontext.configure"),
    "through alembic": ENV.replace(
        "    context.run", "    context.execute('SET LOCAL lock_timeout = 0')\n    context.run"
    ),
    "after": f"{ENV}\nconnection.exec_driver_sql('SELECT 1')\n",
    "on the driver's cursor": ENV.replace(
        "context.configure", "connection.connection.cursor().execute('SELECT 1')\ncontext.configure"
    ),
    "when called back": f"""
import sqlalchemy as sa

begun = []


def begin(connection):
    if not begun:
        begun.append(connection.exec_driver_sql("SET application_name = 'env'"))


sa.event.listen(context.config.attributes["connection"], "begin", begin)
{ENV.replace("connection=connection", "connection=connection, transaction_per_migration=True")}
""".replace("import sqlalchemy as sa", "import sqlalchemy as sa\nfrom alembic import context"),
    "by another engine": f"""{ENV}
import sqlalchemy as sa

other = sa.create_engine(connection.engine.url, poolclass=sa.NullPool)
with other.begin() as own:
    own.exec_driver_sql("COMMENT ON SCHEMA public IS 'migrated'")
""",
    "aloud": f"print('migrating')\n{ENV}",
    "aloud afterwards": f"{ENV}\nprint('migrated')\n",
    "for a downgrade": f"{ENV}\nif '-' in context.config.cmd_opts.revision:\n    print('down')\n",
    "at first": f"{ENV}\nif len(Path(__file__).with_name('runs').read_text().split()) == 2:\n    print('first')\n",
    "and migrating twice": f"""{ENV}
try:
    with context.begin_transaction():
        context.run_migrations()
except Exception:
    pass
""",
}
"""What `env.py` may do itself."""
OWN_ENGINE = """
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=sa.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
KEPT = """
import keeper
import sqlalchemy as sa

if not keeper.kept:
    url = context.config.get_main_option("sqlalchemy.url")
    keeper.kept.append(sa.create_engine(url, poolclass=sa.NullPool).connect())
context.configure(connection=keeper.kept[0])
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


def _said(files: HistoryFiles) -> list[str]:
    """Return the revision that `env.py` read on its command line, of each run."""
    return (files.path / "migrations/runs").read_text(encoding="utf-8").split()


def _runs(files: HistoryFiles) -> int:
    return len(_said(files))


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

    assert _said(files)[-5:] == ["a1", "a1-1", "a1", "a2", "a3"]
    assert _runs(files) in {AT_ONCE, AT_ONCE + 1}  # an offer that is not taken is a run, too


def test_one_run_will_do_on_branches(tmp_path: Path, postgresql: Server) -> None:
    """The heads of other branches are there before and after each step; a merge takes those below it away."""
    files = _written(tmp_path, ENV, *PLAIN[:1])
    files.add("b1", None, TABLE.replace("things", "others"), UNDONE.replace("things", "others"))
    files.add("m", ("a2", "b1"))

    with walking(files, postgresql) as walked:
        assert [walked.failed(each) for each in ("a1", "a2", "b1", "m")] == [{}, {}, {}, {}]

    assert _runs(files) == AT_ONCE + 1


def test_a_round_trip_that_ended_early_shows_nothing(tmp_path: Path, postgresql: Server) -> None:
    """What `env.py` does besides may come after what has failed: the next round trip is the first one then."""
    files = HistoryFiles(tmp_path, env=f"{COUNTED}{BESIDES['after']}")
    files.add("b1", None, "execute('nonsense')")
    files.add("a1", None, TABLE, UNDONE)

    with walking(files, postgresql) as walked:
        assert [set(walked.failed(each)) for each in ("b1", "a1")] == [{"upgrade"}, set()]

    assert _runs(files) == 1 + 1 + 1 + 3  # in another database, and a look at `env.py` there


def test_a_connection_that_was_made_before_is_not_ours(
    tmp_path: Path, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that `env.py` has kept since an earlier run is not seen to be made: it is run for each step."""
    keeper: Any = ModuleType("keeper")
    keeper.kept = []
    monkeypatch.setitem(sys.modules, "keeper", keeper)
    files = _written(tmp_path, KEPT, *PLAIN)

    with walking(files, postgresql) as walked:
        assert [walked.failed(each) for each in ("a1", "a2", "a3")] == [{}, {}, {}]
        keeper.kept.pop().close()

    assert _runs(files) == ONE_BY_ONE


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


def test_what_fails_is_told_as_of_a_run_of_its_own(tmp_path: Path, postgresql: Server) -> None:
    """A fault is told with its line, and is not tried again; the walk goes on as it would have run by run."""
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
    assert _runs(files) == 1 + 3 + 4


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


@pytest.mark.parametrize(
    "besides",
    ["connection.exec_driver_sql('SELECT 1')", "print('migrated')", BESIDES["and migrating twice"].removeprefix(ENV)],
    ids=["a statement", "aloud", "migrating twice"],
)
def test_what_is_done_besides_is_noticed_later(tmp_path: Path, postgresql: Server, besides: str) -> None:
    """What `env.py` does only after some revision makes that one, and later ones, be run step by step."""
    env = f"{ENV}\nif Path(__file__).with_name('told').exists():\n{textwrap.indent(besides, '    ')}\n"
    tells = f"open({str(tmp_path / 'migrations/told')!r}, 'w').close()"
    files = _written(tmp_path, env, (tells, "pass"), *PLAIN)

    with walking(files, postgresql) as walked:
        assert [walked.failed(each) for each in ("a1", "a2", "a3", "a4")] == [{}, {}, {}, {}]

    again = 1 + 1 + 3  # another database: a look at `env.py`, the revision below, then this one
    assert _runs(files) == 1 + 3 + 1 + again + 3 + 3


@pytest.mark.parametrize(
    "besides",
    ["connection.connection.cursor().execute('SELECT 1')", "print('migrating')"],
    ids=["a statement", "aloud"],
)
def test_what_is_done_before_a_step_makes_nothing_run_again(tmp_path: Path, postgresql: Server, besides: str) -> None:
    """Where `env.py` has done it before the first step, the other ones are runs of their own, in the same database."""
    told = f"if Path(__file__).with_name('told').exists():\n    {besides}\n"
    files = _written(
        tmp_path,
        ENV.replace("context.configure", f"{told}context.configure"),
        (f"open({str(tmp_path / 'migrations/told')!r}, 'w').close()", "pass"),
        *PLAIN,
    )

    with walking(files, postgresql) as walked:
        assert [walked.failed(each) for each in ("a1", "a2", "a3", "a4")] == [{}, {}, {}, {}]

    assert _runs(files) == 1 + 3 + 1 + 3 + 3


def test_a_run_that_ends_badly_after_a_step_fails_it(tmp_path: Path, postgresql: Server) -> None:
    """`env.py` raises after the upgrade, after which the run makes no other step: it does under alembic, too."""
    env = f"{ENV}\nif 'told' in context.config.attributes:\n    raise RuntimeError('told')\n"
    inserted, deleted = FAULTS["a head that there is not"]
    tells = "from alembic import context\ncontext.config.attributes['told'] = True"
    files = _written(tmp_path, env, (f"{tells}\n{inserted}", deleted))

    with walking(files, postgresql) as walked:
        assert walked.failed("a2") == {"upgrade": "it raised RuntimeError: told"}


def test_what_is_done_belongs_to_its_step(tmp_path: Path, postgresql: Server) -> None:
    """What a function prints, warns of or sends is told of its step."""
    up, down = "print('up')\nexecute('SELECT 1')", "import warnings; warnings.warn('down', stacklevel=1)"
    files = _written(tmp_path, ENV, (up, down))

    with walking(files, postgresql) as walked:
        trip = walked.trip("a2")

    assert isinstance(trip, RoundTrip)
    assert trip.downgrade is not None
    assert (trip.upgrade.output, trip.upgrade.warnings) == ("up\n", ())
    assert (trip.downgrade.output, trip.downgrade.warnings) == ("", ("UserWarning: down",))
    assert [[each.text for each in step.statements] for step in trip.steps] == [["SELECT 1"], [], ["SELECT 1"]]
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


@pytest.mark.parametrize(("up", "undo"), FAULTS.values(), ids=FAULTS)
def test_what_a_step_left_in_python_does_not_help_the_next(
    tmp_path: Path, postgresql: Server, up: str, undo: str
) -> None:
    """What the server cannot discard, a run of its own does not find: there a downgrade fails that needs it."""
    files = _written(tmp_path, ENV, (up, undo))

    with walking(files, postgresql) as walked:
        assert set(walked.failed("a2")) == {"downgrade"}


def test_what_is_otherwise_the_second_time_is_seen(tmp_path: Path, postgresql: Server) -> None:
    """An upgrade is run twice and no oftener: what it does otherwise the third time hides nothing."""
    up = "called.append(1)\nop.add_column('things', sa.Column('n', sa.Text if len(called) == 1 else sa.Integer))"
    files = _written(tmp_path, ENV)
    file = files.add("a2", "a1", up, "op.drop_column('things', 'n')")
    file.write_text(file.read_text(encoding="utf-8").replace("def execute", "called = []\n\n\ndef execute"))

    with walking(files, postgresql) as walked:
        assert set(walked.failed("a2")) == {"upgrade_again"}


def test_a_refusal_makes_nothing_run_again(tmp_path: Path, postgresql: Server) -> None:
    """Revisions below one that refuses its downgrade are not run once more: they may have made what is made once."""
    once = f"open({str(tmp_path / 'once')!r}, 'x').close()"
    undone = f"import os; os.remove({str(tmp_path / 'once')!r})"
    files = _written(tmp_path, ENV, (once, undone), ("pass", "raise NotImplementedError"), PLAIN[0])

    with walking(files, postgresql) as walked:
        assert [walked.failed(each) for each in ("a2", "a3", "a4")] == [{}, {}, {}]


def test_what_is_not_committed_is_not_believed(tmp_path: Path, postgresql: Server) -> None:
    """A revision that ends Alembic's transaction leaves nobody to commit the rest, unless `env.py` does."""
    files = _written(tmp_path, ENGINE, ("op.get_bind().commit()\nexecute('SELECT 1')", "pass"))

    with walking(files, postgresql) as walked:
        walked.trip("a1")
        with pytest.raises(HistoryError, match=r"Does env\.py commit\?"):
            walked.trip("a2")


def test_a_step_finds_python_as_it_was(tmp_path: Path, postgresql: Server) -> None:
    """Filters of warnings, what was warned of once, and where it is printed: a step finds them as a new run does."""
    up = (
        "import sys, io, warnings\nwarnings.warn('told', stacklevel=1)\nwarnings.simplefilter('ignore')\n"
        "sys.stdout = io.StringIO()"
    )
    undo = "import warnings\nprint('down')\nwarnings.warn('told', stacklevel=1)"
    files = _written(tmp_path, ENV, (up, undo))

    with walking(files, postgresql) as walked:
        trip = walked.trip("a2")

    assert isinstance(trip, RoundTrip)
    assert [each.warnings for each in trip.steps] == [("UserWarning: told",)] * 3
    assert [each.output for each in trip.steps] == ["", "down\n", ""]
    assert _runs(files) == 1 + 3 + 1


def test_locks_that_keep_nobody_out_are_left_out(tmp_path: Path, postgresql: Server) -> None:
    """Transactions that are SERIALIZABLE take locks of predicates besides."""
    env = ENV.replace(
        "context.configure",
        "connection = connection.execution_options(isolation_level='SERIALIZABLE')\ncontext.configure",
    )
    files = _written(tmp_path, env, ("execute('SELECT * FROM things')", "pass"))

    with walking(files, postgresql) as walked:
        assert walked.failed("a2") == {}


ENDS_OTHERS = (
    "execute('SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND datname = current_database()')"
)


@pytest.mark.parametrize("env", [ENV, BESIDES["before"]], ids=["one run", "run by run"])
@pytest.mark.parametrize(("up", "undo"), [(ENDS_OTHERS, "pass"), ("pass", ENDS_OTHERS)], ids=["up", "down"])
def test_a_revision_may_end_the_sessions_of_others(
    tmp_path: Path, postgresql: Server, env: str, up: str, undo: str
) -> None:
    """Ours are among them. It does what it does under alembic, and so do the revisions above it."""
    files = _written(tmp_path, env, (up, undo), *PLAIN)

    with walking(files, postgresql) as walked:
        assert [walked.failed(each) for each in ("a1", "a2", "a3", "a4")] == [{}, {}, {}, {}]


@pytest.mark.parametrize("raised", ["GeneratorExit", "asyncio.CancelledError", "pytest.skip.Exception"])
def test_whatever_a_revision_raises_is_its_fault(tmp_path: Path, postgresql: Server, raised: str) -> None:
    """What is no `Exception` ends neither us nor the test: it is told as any other error of the upgrade."""
    files = _written(tmp_path, ENV, (f"import asyncio, pytest\nraise {raised}('stop')", "pass"))

    with walking(files, postgresql) as walked:
        failed = walked.failed("a2")

    assert failed == {"upgrade": failed["upgrade"]}
    assert failed["upgrade"].startswith("it raised ")
    assert failed["upgrade"].endswith(": stop")


def test_a_trip_tells_for_whom_its_upgrade_waited(tmp_path: Path, sqlite: Server) -> None:
    """Where the upgrade fails for it, the round trip ends with the sessions that held what it waited for."""
    holder = Holder(7, "app", "", "idle in transaction", "LOCK TABLE things", 1.0)
    waited = Step("a1", Direction.UP, raised=Raised("LockNotAvailable", "canceling statement", 12))
    with walking(_written(tmp_path, ENV), sqlite) as walked:
        itinerary = walked.walk.itinerary
        ground: Any = SimpleNamespace(itinerary=itinerary)
        below = Snapshot("postgresql", {}, {})
        trip = round_trip(ground, itinerary.history.revisions[0], "postgresql", below)
        asked = next(trip)
        made = following(trip, (waited, LockRecord({}, holders=(holder,))))

    assert asked is Direction.UP
    assert isinstance(made, tuple)
    assert (made[0].holders, made[1]) == ((holder,), None)


def test_what_a_driver_does_not_show_may_be_anything() -> None:
    """Where cursors cannot be counted, each connection is taken for work of `env.py`."""
    engine = create_engine("sqlite://", poolclass=NullPool)
    besides = noting_besides(engine)

    with engine.connect():
        pass

    assert besides
