"""`env.py` as teams have them: each is run unchanged in a database of ours, or refused before it writes anywhere."""

import importlib
import io
import logging
import shutil
import sys
import textwrap
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import CommandLine

from migrations.trips.histories import ENV, HistoryFiles, Options, walking
from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.command_line import command_options
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.round_trip import NotReached, RoundTrip
from pytest_darkhost.migrations.steps import Direction, Hooks
from pytest_darkhost.verdicts import Failed

TABLE = 'op.create_table("things", sa.Column("id", sa.Integer, primary_key=True))'
UNDONE = 'op.drop_table("things")'
STOCK = Path(sa.__file__).parents[1] / "alembic/templates"
RUN = """
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
FROM_ENVIRONMENT = f"""
import os
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine(os.environ["TEAM_DATABASE_URL"])
{RUN}
engine.dispose()
"""
FROM_X = f"""
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine(context.get_x_argument(as_dictionary=True)["url"])
{RUN}
engine.dispose()
"""
ELSEWHERE = (
    """
import sqlalchemy as sa
from alembic import context

engine = sa.create_engine("sqlite:///{there}", poolclass=sa.NullPool)
"""
    + RUN
)
NOT_COMMITTED = """
from alembic import context

connection = context.config.attributes["connection"]
connection.exec_driver_sql("SELECT 1")
context.configure(connection=connection)
context.run_migrations()
connection.rollback()
"""
AS_PYTEST_ALEMBIC = f"""
from alembic import context
from sqlalchemy import engine_from_config, pool

engine = context.config.attributes.get("connection", None)
if engine is None:
    engine = engine_from_config(context.config.get_section("alembic"), prefix="sqlalchemy.", poolclass=pool.NullPool)
{RUN}
"""
NOISY = """
import sys
import warnings
from alembic import context

print("hello from env.py")
print("and from stderr", file=sys.stderr)
warnings.warn("old ways", stacklevel=1)
context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""
STOCK_INI = """
[alembic]
script_location = %(here)s/migrations
prepend_sys_path = .
sqlalchemy.url = driver://user:pass@localhost/dbname
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = WARNING
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = generic
[formatter_generic]
format = %(message)s
"""


READS_THE_COMMAND_LINE = f"""
import sqlalchemy as sa
from alembic import context

said = context.config.cmd_opts
revision = context.script.get_revision(said.revision.partition("-")[0])
assert said.cmd[0].__name__ == ("downgrade" if "-" in said.revision else "upgrade")
given = dict(each.split("=", 1) for each in said.x)
engine = sa.create_engine(given[f"{{min(revision.branch_labels)}}_url"])
{RUN}
engine.dispose()
"""


def _with_env(tmp_path: Path, env: str, ini: str = STOCK_INI) -> HistoryFiles:
    files = HistoryFiles(tmp_path, env=env, ini=ini)
    files.add("a1", None, TABLE, UNDONE)
    return files


def test_the_stock_env_works_unchanged(tmp_path: Path, server: Server) -> None:
    """Alembic's own template ignores the connection and takes the URL."""
    files = _with_env(tmp_path, (STOCK / "generic/env.py").read_text())

    with walking(files, server) as walked:
        assert walked.failed("a1") == {}


def test_the_stock_async_env_works_unchanged(tmp_path: Path, server: Server) -> None:
    """The async template gets an async driver for our database."""
    files = _with_env(tmp_path, (STOCK / "async/env.py").read_text())

    with walking(files, server) as walked:
        assert walked.failed("a1") == {}


def test_an_env_that_expects_an_engine_works_unchanged(tmp_path: Path, server: Server) -> None:
    """The recipe of pytest-alembic calls `connect()` on what it is given."""
    with walking(_with_env(tmp_path, AS_PYTEST_ALEMBIC), server) as walked:
        assert walked.failed("a1") == {}


def test_loggers_survive_the_stock_env(tmp_path: Path, sqlite: Server) -> None:
    """`fileConfig` would disable every logger and close the handlers of pytest."""
    logger = logging.getLogger("a.team")
    handler = logging.StreamHandler(io.StringIO())
    logging.getLogger().addHandler(handler)
    try:
        with walking(_with_env(tmp_path, (STOCK / "generic/env.py").read_text()), sqlite) as walked:
            walked.trip("a1")

        assert handler in logging.getLogger().handlers
        assert not logger.disabled
        assert logging.config.fileConfig.__name__ == "fileConfig"
    finally:
        logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize(
    ("env", "hooks"),
    [
        (FROM_ENVIRONMENT, Hooks(environ={"TEAM_DATABASE_URL": "{url}"})),
        (FROM_X, Hooks(x=("url={url}",))),
    ],
    ids=["environment", "x"],
)
def test_an_env_of_its_own_ways_is_told_the_database(tmp_path: Path, server: Server, env: str, hooks: Hooks) -> None:
    """By an environment variable or an `-x` argument that the team configures."""
    with walking(_with_env(tmp_path, env), server, Options(hooks=hooks)) as walked:
        assert walked.failed("a1") == {}


def test_an_env_may_read_the_command_line(tmp_path: Path, server: Server) -> None:
    """Such as one that works in a database for each branch, and looks which revision is asked for."""
    files = HistoryFiles(tmp_path, env=READS_THE_COMMAND_LINE)
    files.add("a1", None, TABLE, UNDONE, label="core")
    files.add("a2", "a1")
    hooks = Hooks(x=("core_url={url}",))

    with walking(files, server, Options(hooks=hooks)) as walked:
        assert [walked.failed(each) for each in ("a1", "a2")] == [{}, {}]


@pytest.mark.parametrize("argument", ["", "-x a=b", "--sql"])
@pytest.mark.parametrize("direction", list(Direction))
def test_the_command_line_is_as_alembic_understands_it(direction: Direction, argument: str) -> None:
    """Held against Alembic's own parser."""
    x, sql = (["a=b"] if argument.startswith("-x") else []), argument == "--sql"
    before = argument.split() if x else []
    typed = [*before, str(direction), "a1", *(["--sql"] if sql else [])]

    ours = vars(command_options(x, direction, "a1", as_sql=sql))

    assert vars(CommandLine().parser.parse_args(typed)).items() <= ours.items()


@pytest.mark.parametrize("package", ["", "app."])
def test_an_engine_of_the_teams_own_follows_to_the_next_database(tmp_path: Path, server: Server, package: str) -> None:
    """It is made when its module is imported; the second database is needed since a revision cannot be undone."""
    files = _with_env(tmp_path, f"from alembic import context\nfrom {package}team_db import engine\n{RUN}")
    files.add("a2", "a1", TABLE.replace("things", "others"))
    files.add("a3", "a2", 'op.drop_table("others")', TABLE.replace("things", "others"))
    module = tmp_path / package.replace(".", "/") / "team_db.py"
    module.parent.mkdir(exist_ok=True)
    module.write_text("import os\nimport sqlalchemy as sa\n\nengine = sa.create_engine(os.environ['TEAM_URL'])\n")

    with walking(files, server, Options(hooks=Hooks(environ={"TEAM_URL": "{url}"}))) as walked:
        assert set(walked.failed("a2")) == {"downgrade", "upgrade_again"}
        assert walked.failed("a3") == {}


@pytest.mark.parametrize("there", [None, "sqlite:///theirs.sqlite"], ids=["nothing", "theirs"])
def test_a_revision_may_import_what_reads_the_variables(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, there: str | None
) -> None:
    """It is imported before there is a database: the module has all other variables, and is read anew by `env.py`."""
    if there:
        monkeypatch.setenv("TEAM_URL", there)
    files = _with_env(tmp_path, f"from alembic import context\nfrom team_db import engine\n{RUN}")
    first = files.versions / "a1_it.py"
    first.write_text(f"import team_db\n{first.read_text()}")
    module = "import os\nimport sqlalchemy as sa\n\nassert os.environ['TEAM_KEY'] == 'k'\n"
    (tmp_path / "team_db.py").write_text(f"{module}engine = sa.create_engine(os.environ['TEAM_URL'])\n")
    monkeypatch.syspath_prepend(tmp_path)
    hooks = Hooks(environ={"TEAM_URL": "{url}", "TEAM_KEY": "k"})

    with walking(files, server, Options(hooks=hooks)) as walked:
        assert walked.failed("a1") == {}

    assert "team_db" not in sys.modules
    assert not (tmp_path / "theirs.sqlite").exists()


def test_a_module_that_can_be_imported_once_is_told_so(
    tmp_path: Path, sqlite: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It enters itself somewhere, as metrics of Prometheus do. A revision has imported it by then."""
    files = _with_env(tmp_path, f"from alembic import context\nfrom team_db import engine\n{RUN}")
    first = files.versions / "a1_it.py"
    first.write_text(f"import team_db\n{first.read_text()}")
    (tmp_path / "team_db.py").write_text("import shutil\n\nshutil.register_unpack_format('team', ['.team'], print)\n")
    monkeypatch.syspath_prepend(tmp_path)

    told = (
        r"^migrations/env.py:2: RegistryError: .team is already registered .*, expected .*\. Do without it: let env.py "
    )
    try:
        with (
            walking(files, sqlite, Options(hooks=Hooks(environ={"TEAM_URL": "{url}"}))) as walked,
            pytest.raises(HistoryError, match=told),
        ):
            walked.trip("a1")
        with pytest.raises(HistoryError, match=r"^migrations/versions/a1_it.py:1: RegistryError: .*\. Do without it"):
            files.load({"TEAM_URL": "{url}"})
    finally:
        shutil.unregister_unpack_format("team")


def test_the_teams_own_modules_are_imported_once_for_each_database(tmp_path: Path, server: Server) -> None:
    """However many runs there are in it: importing an application may take seconds."""
    files = _with_env(tmp_path, f"from alembic import context\nfrom team.db import engine\n{RUN}")
    files.add("a2", "a1", TABLE.replace("things", "others"), UNDONE.replace("things", "others"))
    package = tmp_path / "team"
    package.mkdir()
    (package / "__init__.py").touch()
    noting = f"open({str(tmp_path / 'noted')!r}, 'a').write('x')\n"
    module = "import os\nimport sqlalchemy as sa\n\nengine = sa.create_engine(os.environ['TEAM_URL'])\n"
    (package / "db.py").write_text(f"{noting}{module}")

    with walking(files, server, Options(hooks=Hooks(environ={"TEAM_URL": "{url}"}))) as walked:
        assert [walked.failed(each) for each in ("a1", "a2")] == [{}, {}]

    assert (tmp_path / "noted").read_text() == "x"
    assert not {"team", "team.db"} & set(sys.modules)


def test_a_revision_keeps_the_package_that_it_imported(tmp_path: Path, server: Server) -> None:
    """Modules are forgotten with the packages that hold them, which a revision that names them finds as they were."""
    files = _with_env(tmp_path, f"from alembic import context\nfrom shop.db import engine\n{RUN}")
    names = [f"kind{number}" for number in range(8)]
    (tmp_path / "shop").mkdir()
    for name in ("__init__", *names):
        (tmp_path / f"shop/{name}.py").touch()
    (tmp_path / "shop/db.py").write_text(
        "import os\nimport sqlalchemy as sa\n\nengine = sa.create_engine(os.environ['TEAM_URL'])\n"
    )
    first = files.versions / "a1_it.py"
    named = first.read_text().replace(TABLE, f"assert ({', '.join(f'shop.{name}' for name in names)})\n    {TABLE}")
    first.write_text("".join(f"import shop.{name}\n" for name in names) + named)

    with walking(files, server, Options(hooks=Hooks(environ={"TEAM_URL": "{url}"}))) as walked:
        assert walked.failed("a1") == {}


def test_what_a_shared_base_has_learned_of_the_teams_modules_is_forgotten_with_them(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLModel has one for everybody, which takes no table twice. The one that was imported before is there again."""
    installed = tmp_path / "site-packages/sqlmodel"
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text("from .main import SQLModel\n")
    (installed / "main.py").write_text("import sqlalchemy as sa\n\nclass SQLModel:\n    metadata = sa.MetaData()\n")
    monkeypatch.syspath_prepend(installed.parent)
    for name in ("sqlmodel", "sqlmodel.main"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    before = importlib.import_module("sqlmodel")
    files = _with_env(tmp_path, f"from alembic import context\nfrom team_db import engine\n{RUN}")
    files.add("a2", "a1", 'op.create_table("more", sa.Column("id", sa.Integer))', "pass")
    files.add("a3", "a2", 'op.create_table("rest", sa.Column("id", sa.Integer))', 'op.drop_table("rest")')
    engine = "engine = sa.create_engine(os.environ['TEAM_URL'])\n"
    table = "sa.Table('things', SQLModel.metadata, sa.Column('id', sa.Integer))\n"
    imports = "import os\nimport sqlalchemy as sa\nfrom sqlmodel import SQLModel\n\n"
    (tmp_path / "team_db.py").write_text(f"{imports}{engine}{table}")

    with walking(files, server, Options(hooks=Hooks(environ={"TEAM_URL": "{url}"}))) as walked:
        assert set(walked.failed("a2")) == {"downgrade", "upgrade_again"}
        assert walked.failed("a3") == {}

    assert importlib.import_module("sqlmodel") is before
    assert not before.SQLModel.metadata.tables


def test_an_env_that_goes_elsewhere_is_refused_before_it_writes(tmp_path: Path, server: Server) -> None:
    """The other database is not touched, and the message says what to do."""
    there = tmp_path / "production.sqlite"
    files = _with_env(tmp_path, ELSEWHERE.format(there=there))

    with walking(files, server) as walked, pytest.raises(HistoryError, match="it works in another database, expected"):
        walked.trip("a1")

    assert not there.exists() or there.stat().st_size == 0


def test_an_env_that_goes_elsewhere_later_is_no_fault_of_a_revision(tmp_path: Path, sqlite: Server) -> None:
    """It is refused in the same words, and the walk ends."""
    elsewhere = ELSEWHERE.format(there=tmp_path / "production.sqlite")
    told = f"if Path({str(tmp_path / 'told')!r}).exists():\n{textwrap.indent(elsewhere, '    ')}\nelse:\n"
    files = _with_env(tmp_path, f"from pathlib import Path\n\n{told}{textwrap.indent(ENV, '    ')}")
    files.add("a2", "a1", f"open({str(tmp_path / 'told')!r}, 'w').close()")

    with walking(files, sqlite) as walked, pytest.raises(HistoryError, match="it works in another database, expected"):
        walked.trip("a2")


def test_an_env_for_several_databases_is_told_so(tmp_path: Path, sqlite: Server) -> None:
    """Alembic's template for them; with an `env.py` for one of them the history is walked."""
    two = "databases = one, two\n[one]\nsqlalchemy.url = sqlite://\n[two]\nsqlalchemy.url = sqlite://\n"
    stock = STOCK_INI.replace("sqlalchemy.url = driver://user:pass@localhost/dbname\n", two)
    files = _with_env(tmp_path, (STOCK / "multidb/env.py").read_text(), stock)
    for file in files.versions.glob("*.py"):
        file.write_text(file.read_text().replace("grade():", "grade(engine_name):"))

    with (
        walking(files, sqlite) as walked,
        pytest.raises(HistoryError, match="it works in several databases, "),
    ):
        walked.trip("a1")

    alone = ENV.replace("run_migrations()", "run_migrations(engine_name='one')")
    (tmp_path / "migrations/env.py").write_text(alone)
    with walking(files, sqlite) as walked:
        assert walked.failed("a1") == {}


def test_an_env_that_does_not_commit_is_told_so(tmp_path: Path, server: Server) -> None:
    """`alembic upgrade` would report success, and nothing would be there."""
    with (
        walking(_with_env(tmp_path, NOT_COMMITTED), server) as walked,
        pytest.raises(HistoryError, match="left the version table at base, expected it to move"),
    ):
        walked.trip("a1")


def test_a_revision_that_asks_somebody_fails(tmp_path: Path, sqlite: Server) -> None:
    """It does not wait for an answer, under `pytest -s` either; what it asked is told."""
    stdin = sys.stdin
    files = HistoryFiles(tmp_path)
    files.add("a1", None, 'input("Your name, please: ")')

    with walking(files, sqlite) as walked:
        verdict = walked.verdicts("a1")["upgrade"]

    assert isinstance(verdict, Failed)
    assert verdict.actual == "it raised EOFError: EOF when reading a line"
    assert ("printed", "'Your name, please:'") in verdict.context
    assert sys.stdin is stdin


def test_an_error_that_env_catches_fails_its_revision_alone(tmp_path: Path, server: Server) -> None:
    """`alembic upgrade` would report success; another branch is gone on with."""
    env = ENV.replace(
        "    context.run_migrations()", "    try:\n        context.run_migrations()\n    except Exception: pass"
    )
    files = _with_env(tmp_path, env)
    files.add("a2", "a1", 'execute("INSERT INTO nowhere VALUES (1)")')
    files.add("b1", None, TABLE.replace("things", "others"), UNDONE.replace("things", "others"))

    with walking(files, server) as walked:
        trip = walked.trip("a2")
        failed = walked.failed("a2")
        others = walked.failed("a1") | walked.failed("b1")

    assert isinstance(trip, RoundTrip)
    assert "nowhere" in failed["upgrade"]
    assert trip.upgrade.output == "migrations/env.py caught it: alembic would end well\n"
    assert others == {}


def test_an_env_that_raises_is_told(tmp_path: Path, sqlite: Server) -> None:
    """The exception and what may help, in one line."""
    with (
        walking(_with_env(tmp_path, "raise KeyError('DATABASE_URL')"), sqlite) as walked,
        pytest.raises(HistoryError) as info,
    ):
        walked.trip("a1")

    assert "KeyError: 'DATABASE_URL', expected the database that darkhost offers" in str(info.value)
    assert "\n" not in str(info.value)


def test_an_env_that_runs_nothing_is_told(tmp_path: Path, sqlite: Server) -> None:
    """A file that forgets `run_migrations` passes nowhere."""
    with (
        walking(_with_env(tmp_path, "pass"), sqlite) as walked,
        pytest.raises(HistoryError, match="it ran no migrations"),
    ):
        walked.trip("a1")


def test_what_is_printed_and_warned_of_is_kept(
    tmp_path: Path, sqlite: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """It belongs to the run of the revision, not to the terminal."""
    with walking(_with_env(tmp_path, NOISY), sqlite) as walked:
        trip = walked.trip("a1")

    assert trip.upgrade.output == "hello from env.py\nand from stderr\n"  # type: ignore[union-attr]
    assert trip.upgrade.warnings == ("UserWarning: old ways",)  # type: ignore[union-attr]
    assert capsys.readouterr().out == ""


def test_a_history_in_pyproject_toml_works(tmp_path: Path, sqlite: Server) -> None:
    """Since 1.16 Alembic reads `[tool.alembic]`."""
    from pytest_darkhost.migrations.history import load
    from pytest_darkhost.migrations.ini import locate

    _with_env(tmp_path, "pass")
    (tmp_path / "pyproject.toml").write_text('[tool.alembic]\nscript_location = "%(here)s/migrations"\n')

    history = load(locate(Path("pyproject.toml"), tmp_path), tmp_path)

    assert [each.id for each in history.revisions] == ["a1"]


def test_the_version_table_may_have_another_name(tmp_path: Path, server: Server) -> None:
    """It is looked for where `env.py` says; snapshots leave it out by the name that is configured."""
    env = RUN.replace("connection=connection", 'connection=connection, version_table="our_version"')
    files = _with_env(
        tmp_path,
        f"from alembic import context\n\nengine = context.config.attributes['connection'].engine\n{env}",
    )

    with walking(files, server) as walked:
        assert walked.failed("a1") == {}


@pytest.mark.parametrize("place", ["env.py", "a revision"])
def test_who_ends_the_process_is_told_like_any_other_error(tmp_path: Path, sqlite: Server, place: str) -> None:
    """`sys.exit` where a setting is missing ends neither pytest nor what is told of the checks after it."""
    files = HistoryFiles(tmp_path, env="raise SystemExit('no DATABASE_URL')" if place == "env.py" else ENV)
    files.add("a1", None, TABLE, UNDONE)
    files.add("a2", "a1", "raise SystemExit('no DATABASE_URL')")

    with walking(files, sqlite) as walked:
        if place == "env.py":
            with pytest.raises(HistoryError, match="SystemExit: no DATABASE_URL"):
                walked.trip("a1")
        else:
            assert "SystemExit: no DATABASE_URL" in walked.failed("a2")["upgrade"]


def test_a_walk_that_broke_is_not_gone_on_with(tmp_path: Path, sqlite: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ended it, what comes after it is not judged, and says why."""
    files = HistoryFiles(tmp_path)
    files.add("a1", None, TABLE, UNDONE)
    files.add("a2", "a1")
    monkeypatch.setattr("pytest_darkhost.migrations.observer.take", lambda *_, **__: 1 / 0)

    with walking(files, sqlite) as walked:
        with pytest.raises(ZeroDivisionError):
            walked.trip("a1")

        assert walked.trip("a2") == NotReached("no_database", "ZeroDivisionError: division by zero")
