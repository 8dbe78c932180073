"""Round trips on MySQL and MariaDB: traps, written activations and their SQL, what cannot be undone there."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import URL

from migrations.trips.histories import HistoryFiles, walking
from migrations.trips.lighting import Activation, lit
from migrations.trips.test_traps import TRAPS
from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.catalog.reader import read_from
from pytest_darkhost.errors import CatalogError
from pytest_darkhost.migrations import mysql_sessions
from pytest_darkhost.migrations.databases.opening import open_server
from pytest_darkhost.migrations.databases.values import Database, Server
from pytest_darkhost.migrations.deployed import read_deployment
from pytest_darkhost.verdicts import Failed, NotJudged
from support.activations import NEW, SEEDED, Project, write_project
from support.history import execute, rows, upgraded
from support.mutants import mutants, reason_to_live
from support.trip import faults, host_rows


@pytest.fixture(scope="module")
def head(server: Server) -> Iterator[Database]:
    """A database at the head of the reference history, to be copied."""
    made = server.create()
    upgraded(made.url, "head")
    yield made
    made.drop()


@pytest.fixture
def catalog(server: Server, head: Database) -> Iterator[URL]:
    """A catalog of this test."""
    made = server.copy(head)
    yield made.url
    made.drop()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of this test, as the working directory."""
    made = write_project(tmp_path / "project")
    monkeypatch.chdir(made.root)
    monkeypatch.delenv("DARKHOST_CATALOG_URL", raising=False)
    return made


def faults_here(project: Project, file: Path, server: Server, path: str = "A") -> list[str]:
    """Return what the round trip of a revision says."""
    return faults(project.root, file.name[:4], "mysql", lambda: server, host_rows("0003") if path == "B" else None)


@pytest.mark.parametrize("path", ["A", "B", "C"])
def test_written_activations_pass(project: Project, catalog: URL, server: Server, path: str) -> None:
    """Written from a catalog on this server, as they are: every check, the SQL of both ways without Alembic too."""
    file = project.activation(catalog, NEW["slug"] if path == "B" else SEEDED["slug"], path)[-1]
    assert faults_here(project, file, server, path) == []


def test_written_activations_pass_by_the_other_name(project: Project, catalog: URL, mysql_url: URL) -> None:
    """SQLAlchemy's dialect is called as the URL calls it, `mariadb` too: the printed SQL is written and run there."""
    url = mysql_url.set(drivername="mariadb+pymysql").render_as_string(hide_password=False)
    file = project.activation(catalog, SEEDED["slug"])[-1]
    with closing(open_server(url)) as named:
        assert faults_here(project, file, named) == []


def test_mutants_of_what_only_runs_here(project: Project, catalog: URL, server: Server) -> None:
    """What the round trips on SQLite and PostgreSQL cannot see is found out here."""
    file = project.activation(catalog, SEEDED["slug"])[-1]
    made = {each.name: each for each in mutants(file.read_text(encoding="utf-8"))}
    elsewhere = {name for name in made if "other databases" in str(reason_to_live(name, "postgresql"))}
    here = {name: made[name] for name in elsewhere if not reason_to_live(name, "mysql")}
    assert len(here) == 4
    for name, mutant in here.items():
        file.write_text(mutant.text, encoding="utf-8")
        for cached in file.parent.rglob("*.pyc"):
            cached.unlink()
        assert faults_here(project, file, server), name


def test_what_was_deployed_is_read_only(project: Project, catalog: URL) -> None:
    """A written activation is applied through `env.py`'s own connection; reading it back cannot write."""
    project.activation(catalog, SEEDED["slug"])
    project.upgrade(catalog)
    text = catalog.render_as_string(hide_password=False)
    seen = read_deployment(text, CatalogNames(), str)
    assert seen.chain is None
    row = seen.catalog.model(SEEDED["slug"])
    assert row is not None
    assert row.active
    for write in ("UPDATE models SET active = false", "CREATE TABLE x (a int)", "TRUNCATE models"):
        with pytest.raises(CatalogError, match="READ ONLY"):
            read_from(text, str, lambda connection, _, write=write: connection.exec_driver_sql(write))
    assert rows(catalog, f"SELECT active FROM models WHERE slug = '{SEEDED['slug']}'") == [(1,)]


@pytest.mark.parametrize(
    "name",
    [
        "an update that matches no row",
        "a downgrade that leaves data changed",
        "a column added to another table",
        "a downgrade that removes traffic",
    ],
)
def test_traps_are_caught(tmp_path: Path, server: Server, name: str) -> None:
    """As on the other databases."""
    activation, expected = TRAPS[name]
    with lit(tmp_path, server, activation) as walked:
        failed = walked.failed("0004")
    assert {check: text in failed.get(check, "") for check, text in expected.items()} == dict.fromkeys(expected, True)


def test_the_audit_log_is_guarded(catalog: URL) -> None:
    """The reference history's triggers refuse changes, deletions and gaps."""
    chain = "repeat('1', 64), repeat('2', 64)"
    gap = f"INSERT INTO audit_log SELECT seq + 2, at, actor, action, subject, payload, {chain} FROM audit_log"
    for statement in ("UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log", gap):
        with pytest.raises(Exception, match=r"append-only|must continue the hash chain"):
            execute(catalog, statement)


@pytest.mark.parametrize("ddl", ["ALTER TABLE providers ADD note text", "CREATE INDEX ix_name ON providers (name)"])
def test_what_is_left_half_way_is_told_as_it_is(tmp_path: Path, server: Server, ddl: str) -> None:
    """The server commits with each change of the schema: that is not judged, and passes nowhere."""
    with lit(tmp_path, server, Activation().also(ddl)) as walked:
        atomic = walked.verdicts("0004")["atomic"]
    assert isinstance(atomic, NotJudged)
    assert atomic.code == "no_transactional_ddl"


def test_a_revision_that_fails_half_way(tmp_path: Path, server: Server) -> None:
    """What came before the error is there, so nothing is built on it."""
    files = HistoryFiles(tmp_path)
    files.add("1", None, "execute('CREATE TABLE t (a int)', 'CREATE TABLE t (a int)')", "execute('DROP TABLE t')")
    files.add("2", "1", "execute('CREATE TABLE u (a int)')", "execute('DROP TABLE u')")
    with walking(files, server) as walked:
        assert "already exists" in walked.failed("1")["upgrade"]
        assert {each.code for each in walked.verdicts("2").values() if isinstance(each, NotJudged)} == {
            "revision_below_failed"
        }


def test_a_lock_of_somebody_else(
    tmp_path: Path, server: Server, mysql_url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting ends, and who works in the database is told, without the literals of what he runs."""
    monkeypatch.setattr(mysql_sessions, "LOCK_TIMEOUT_S", 1)
    kept: Any = ModuleType("kept")
    monkeypatch.setitem(sys.modules, "kept", kept)
    files = HistoryFiles(tmp_path)
    files.add("1", None, "execute('CREATE TABLE t (a int)')", "execute('DROP TABLE t')")
    other = """
    import kept
    kept.reader = sa.create_engine(op.get_bind().engine.url).connect()
    kept.reader.execute(sa.text('SELECT * FROM t'))
    execute('ALTER TABLE t ADD b int')
    """
    files.add("2", "1", other, "execute('ALTER TABLE t DROP b')")
    with walking(files, server) as walked:
        verdict = walked.verdicts("2")["upgrade"]
    kept.reader.invalidate()  # it was ended with its database
    kept.reader.close()
    assert isinstance(verdict, Failed)
    assert "Lock wait timeout exceeded" in verdict.actual
    waited = dict(verdict.context)["waited for"]
    assert f"of {mysql_url.username!r}, sleep for" in waited


def test_ids_and_output(pytester: pytest.Pytester, mysql_url: URL) -> None:
    """Items are named by the kind of database, and the password of its URL is in no output."""
    files = HistoryFiles(pytester.path)
    files.add("1", None, "execute('CREATE TABLE t (a int)')", "execute('DROP TABLE t')")
    files.add("2", "1", "execute('INSERT INTO t VALUES (1)')")
    options = ("-p", "no:cacheprovider", "-rA", "-m", "migration", "--darkhost-alembic=alembic.ini")
    url = mysql_url.render_as_string(hide_password=False)
    result = pytester.runpytest_inprocess(*options, f"--darkhost-database={url}")
    result.assert_outcomes(passed=5, failed=2, skipped=4)
    result.stdout.fnmatch_lines(["PASSED migrations/versions/1_it.py::downgrade[[]mysql[]]"])
    result.stdout.fnmatch_lines(["FAILED migrations/versions/2_it.py::downgrade[[]mysql[]]*"])
    assert "t a='1': row added" in result.stdout.str()
    assert mysql_url.password
    assert mysql_url.password not in result.stdout.str()
    assert "canary" not in result.stdout.str()
