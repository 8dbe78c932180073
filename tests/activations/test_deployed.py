"""`pytest -m deployed`: what was deployed is judged, read-only; nothing runs unless it is asked for by name."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import URL

from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.catalog.reader import read_from
from pytest_darkhost.errors import CatalogError
from pytest_darkhost.migrations.deployed import read_deployment
from support.activations import SEEDED, Project, write_project
from support.history import execute

INI = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"
ITEM = f"venue_specs/together.yaml::{SEEDED['slug']}::deployed[[]database[]]"


@pytest.fixture
def lit(pytester: pytest.Pytester, catalog: URL) -> Project:
    """A project with an activation that was written and applied; the other model of its spec is dark."""
    shutil.rmtree(pytester.path / "alembic", ignore_errors=True)
    made = write_project(pytester.path)
    (pytester.path / "pytest.ini").write_text(INI, encoding="utf-8")
    made.activation(catalog, SEEDED["slug"])
    made.upgrade(catalog)
    return made


def run(pytester: pytest.Pytester, url: URL, *arguments: str) -> pytest.RunResult:
    """Run pytest against a database."""
    catalog = f"--darkhost-catalog={url.render_as_string(hide_password=False)}"
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-rA", catalog, *arguments)


def test_what_is_right_passes(pytester: pytest.Pytester, lit: Project, catalog: URL) -> None:
    """The model that the history activates passes; the dark one, which nothing activates, is not applicable."""
    result = run(pytester, catalog, "-m", "deployed")
    result.assert_outcomes(passed=1, skipped=1, deselected=result.parseoutcomes()["deselected"])
    result.stdout.fnmatch_lines([f"PASSED {ITEM}"])
    result.stdout.fnmatch_lines(["SKIPPED*not_applicable: it is dark, and no revision of alembic.ini activates it"])
    assert result.ret == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE models SET active = false WHERE slug = '{}'", "active: spec True, row False"),
        ("UPDATE models SET slug = '{}-x' WHERE slug = '{}'", "no row 'gpt-oss-120b-together'; rows: 'gpt-oss-120b-"),
        ("UPDATE models SET price_in_per_mtok_usd = 7 WHERE slug = '{}'", "price_in_per_mtok_usd: spec 0.15, row 7"),
        ("UPDATE models SET q_prior = NULL WHERE slug = '{}'", "q_prior: spec 0.83, row NULL; not enrolled: it has no"),
        ("UPDATE models SET m_allowed = false WHERE slug = '{}'", "not enrolled: m_allowed is not true"),
        (
            "UPDATE alembic_version SET version_num = '0002'",
            "the database is at 0002, expected 0003, the head of alembic",
        ),
        ("UPDATE audit_log SET actor = 'somebody' WHERE seq = 2", "the audit chain is broken: seq 2 has the hash "),
        ("DELETE FROM audit_log WHERE seq = 1", "the audit chain is broken: seq 2 follows seq 0, expected seq 1"),
    ],
)
def test_what_is_wrong_fails(pytester: pytest.Pytester, lit: Project, catalog: URL, change: str, told: str) -> None:
    """Each planted fault is told with the place in the spec, and the command that repeats the check."""
    unguarded = {
        "sqlite": ("DROP TRIGGER audit_log_no_update", "DROP TRIGGER audit_log_no_delete"),
        "postgresql": ("ALTER TABLE audit_log DISABLE TRIGGER USER",),
    }
    execute(catalog, *unguarded[catalog.get_backend_name()], change.replace("{}", SEEDED["slug"]))
    result = run(pytester, catalog, "-m", "deployed")
    text = result.stdout.str()
    assert f"venue_specs/together.yaml:8: {SEEDED['slug']} deployed: " in text
    assert told in text
    assert "again: pytest -m deployed " in text
    assert result.parseoutcomes()["failed"] == 1
    assert result.ret == 1
    assert not catalog.password or str(catalog.password) not in text


@pytest.mark.parametrize("expression", ["", "not live", "parity", "not deployed", "deployed or not deployed"])
def test_it_runs_only_when_asked_for(pytester: pytest.Pytester, lit: Project, sqlite: URL, expression: str) -> None:
    """No expression that is true without the word collects one."""
    result = run(pytester, sqlite, "--collect-only", "-q", *(("-m", expression) if expression else ()))
    assert "deployed[database]" not in result.stdout.str()


def test_a_node_id_can_be_typed_back(pytester: pytest.Pytester, lit: Project, sqlite: URL) -> None:
    """The id of the item selects it alone."""
    lit.upgrade(sqlite)
    item = f"venue_specs/together.yaml::{SEEDED['slug']}::deployed[database]"
    result = run(pytester, sqlite, "-m", "deployed", item)
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("named", [(), ("--darkhost-catalog=none",)])
def test_without_a_database_it_is_a_usage_error(pytester: pytest.Pytester, named: tuple[str, ...]) -> None:
    """There is nothing that could have been deployed to."""
    write_project(pytester.path)
    (pytester.path / "pytest.ini").write_text(INI, encoding="utf-8")
    result = pytester.runpytest_inprocess("-m", "deployed", *named)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*-m deployed: no database is named, expected the one that was deployed to.*"])


def test_when_nothing_is_lit_nothing_was_proved(pytester: pytest.Pytester, catalog: URL) -> None:
    """A catalog with dark rows only does not end with exit code 0."""
    write_project(pytester.path)
    (pytester.path / "pytest.ini").write_text(INI, encoding="utf-8")
    result = run(pytester, catalog, "-m", "deployed")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["nothing was judged: no target is active, and none is activated"])


def test_without_a_history_every_target_should_be_lit(pytester: pytest.Pytester, sqlite: URL) -> None:
    """Nothing says which models were deployed, so a dark one fails."""
    made = write_project(pytester.path)
    (pytester.path / "pytest.ini").write_text(INI, encoding="utf-8")
    (made.root / "alembic.ini").unlink()
    result = run(pytester, sqlite, "-m", "deployed")
    assert result.parseoutcomes()["failed"] == 2


def test_a_database_that_cannot_be_read(pytester: pytest.Pytester, lit: Project, tmp_path: Path, sqlite: URL) -> None:
    """Each item says why, without a traceback."""
    result = run(pytester, sqlite.set(database=f"{tmp_path}/none.sqlite"), "-m", "deployed")
    assert result.parseoutcomes()["failed"] == 2
    assert "there is no file" in result.stdout.str()
    assert "Traceback" not in result.stdout.str()


def test_the_report_says_what_was_judged(pytester: pytest.Pytester, lit: Project, catalog: URL) -> None:
    """The check, its source, database, revision and verdict are in the JSON report."""
    run(pytester, catalog, "-m", "deployed", "--json-report", "--json-report-file=report.json")
    report = json.loads((pytester.path / "report.json").read_text(encoding="utf-8"))
    found = next(test for test in report["tests"] if SEEDED["slug"] in test["nodeid"])
    texts = json.dumps(found)
    assert '"source": "database"' in texts or '\\"source\\": \\"database\\"' in texts
    assert "at 0003" in texts
    assert "revision 0003 of alembic.ini" in texts


WRITES = (
    "UPDATE models SET active = true",
    "DELETE FROM audit_log",
    "INSERT INTO providers (slug, name, base_url) VALUES ('x', 'x', 'x')",
    "CREATE TABLE planted (id integer)",
    "DROP TABLE routing_outcomes",
)


@pytest.mark.parametrize("statement", WRITES)
def test_its_session_cannot_write(catalog: URL, statement: str) -> None:
    """The way in which the database is opened refuses each kind of write, which a plain session may do."""
    text = catalog.render_as_string(hide_password=False)
    with pytest.raises(CatalogError, match=r"readonly|read-only"):
        read_from(text, str, lambda connection, _: connection.exec_driver_sql(statement))
    if statement != "DELETE FROM audit_log":
        execute(catalog, statement)


def test_reading_leaves_the_database_as_it_was(sqlite: URL) -> None:
    """The file is the same, byte for byte."""
    before = Path(str(sqlite.database)).read_bytes()
    assert read_deployment(sqlite.render_as_string(), CatalogNames(), str).chain is None
    assert Path(str(sqlite.database)).read_bytes() == before
