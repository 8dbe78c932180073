"""Migrations in a user's project: what is collected, how it is chosen, and what a run says."""

import json
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from migrations.trips.histories import HistoryFiles

TABLE = 'op.create_table("things", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(40)))'
UNDONE = 'op.drop_table("things")'
INSERT = "execute(\"INSERT INTO things VALUES (1, 'a')\")"
INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
darkhost_alembic = alembic.ini
darkhost_database = sqlite
"""


class MigrationProject:
    """A directory with a history of two revisions, the second of which leaves a row behind."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path = pytester.path
        self.files = HistoryFiles(pytester.path)
        self.files.add("a1", None, TABLE, UNDONE)
        self.files.add("a2", "a1", INSERT, "pass")
        pytester.makefile(".ini", pytest=INI)

    def run(self, *arguments: str) -> pytest.RunResult:
        """Run pytest in this process."""
        return self.pytester.runpytest_inprocess(*arguments)

    def ids(self, *arguments: str) -> list[str]:
        """Return the ids that pytest collects."""
        lines: Sequence[str] = self.run("--collect-only", "-q", *arguments).outlines
        return [line for line in lines if "::" in line]


@pytest.fixture
def project(pytester: pytest.Pytester) -> MigrationProject:
    """A project as a user has it."""
    return MigrationProject(pytester)


A1, A2 = "migrations/versions/a1_it.py", "migrations/versions/a2_it.py"


def test_each_revision_has_its_checks(project: MigrationProject) -> None:
    """Ids name the file, the check and the database; the history has one of its own."""
    assert set(project.ids()) == {
        "alembic.ini::single_head",
        *(
            f"{file}::{check}[sqlite]"
            for file in (A1, A2)
            for check in ("upgrade", "downgrade", "upgrade_again", "untouched")
        ),
    }


WATCHER = """
import sys


def pytest_runtest_logstart():
    sys.before = getattr(sys, "before", "psycopg" in sys.modules)


def pytest_unconfigure():
    print("imported", getattr(sys, "before", None), "psycopg" in sys.modules)
"""
UNREACHABLE = "--darkhost-database=postgresql+psycopg://nobody@127.0.0.1:1/nothing"


@pytest.mark.parametrize(("asked", "line"), [((), "imported True True"), (("--collect-only",), "imported None False")])
def test_a_driver_is_imported_before_the_first_item(
    project: MigrationProject, asked: tuple[str, ...], line: str
) -> None:
    """With what lasts, out of the garbage collector's way; and not where there is only collecting."""
    project.pytester.makeconftest(WATCHER)

    result = project.pytester.runpytest_subprocess("-q", "-m", "migration", UNREACHABLE, *asked)

    result.stdout.fnmatch_lines([line])


def test_a_run_says_what_is_wrong(project: MigrationProject) -> None:
    """The failure names file, line, row and the command that repeats it; the table at the end counts statements."""
    result = project.run("-m", "migration")

    result.assert_outcomes(passed=5, failed=2, skipped=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "migrations/versions/a2_it.py:*: a2 downgrade?sqlite?: things id=1: row added, expected rows and *",
            "  again: pytest 'migrations/versions/a2_it.py::downgrade?sqlite?'",
            "revision  database  upgrade *",
            "a2        sqlite    1 statement · INSERT things 1  0 statements *failed: downgrade, upgrade_again",
        ]
    )


def test_ids_can_be_typed_back(project: MigrationProject) -> None:
    """One id runs one check, on a database that was walked there."""
    project.run(f"{A2}::upgrade[sqlite]").assert_outcomes(passed=1)
    project.run(f"{A2}::downgrade[sqlite]").assert_outcomes(failed=1)
    project.run(A1).assert_outcomes(passed=3, skipped=1)


def test_the_usual_options_choose(project: MigrationProject) -> None:
    """`-k`, `-m`, `-x` and `--lf` do what they do elsewhere."""
    project.run("-k", "downgrade").assert_outcomes(passed=1, failed=1)
    project.run("-m", "not migration").assert_outcomes()
    project.run("-x").assert_outcomes(passed=5, failed=1, skipped=2)
    project.run()
    project.run("--lf").assert_outcomes(failed=2)


def test_nothing_is_run_where_nobody_asked(project: MigrationProject) -> None:
    """A team that has an `alembic.ini` and installs the plugin sees no database on plain `pytest`."""
    project.pytester.makefile(".ini", pytest="[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    project.pytester.makepyfile("def test_it(): pass")

    project.run().assert_outcomes(passed=1)
    project.run("--darkhost-alembic=alembic.ini", "--darkhost-database=sqlite").assert_outcomes(
        passed=6, failed=2, skipped=2
    )


def test_named_paths_are_all_that_is_run(project: MigrationProject) -> None:
    """Who names a test file gets no migrations besides; `testpaths` is no such naming."""
    project.pytester.mkdir("tests").joinpath("test_it.py").write_text("def test_it(): pass")

    project.run("tests").assert_outcomes(passed=1)
    project.run("-o", "testpaths=tests").assert_outcomes(passed=6, failed=2, skipped=2)


def test_revisions_are_no_test_modules(project: MigrationProject) -> None:
    """A revision file that is called like a test module is collected once, as what it is."""
    file = project.files.versions / "a2_it.py"
    file.rename(file.with_name("test_a2.py"))

    assert not [each for each in project.ids() if each.endswith("test_a2.py")]
    project.run().assert_outcomes(passed=5, failed=2, skipped=2)


@pytest.mark.parametrize("places", [("migrations",), ("migrations", "migrations/versions")], ids=["outer", "both"])
def test_packages_around_revisions_are_not_imported_without_the_variables(
    project: MigrationProject, places: tuple[str, ...]
) -> None:
    """As those of tests are by pytest: there is no database yet that they could name."""
    for place in places:
        Path(project.path / place / "__init__.py").write_text("import os\n\nurl = os.environ['TEAM_URL']\n")

    result = project.run("-o", "darkhost_alembic_env=TEAM_URL={url}", A1)

    result.assert_outcomes(passed=3, skipped=1)


def test_a_second_history_is_told_apart(project: MigrationProject) -> None:
    """Its checks carry its name, and two histories may have the same revisions."""
    other = HistoryFiles(project.path / "billing")
    other.add("a1", None, TABLE, UNDONE)
    both = ("--darkhost-alembic=alembic.ini", "--darkhost-alembic=billing/alembic.ini")

    ids = project.ids(*both)

    assert "billing/migrations/versions/a1_it.py::upgrade[billing-sqlite]" in ids
    assert len(ids) == len(set(ids))
    project.run(*both, "billing/migrations/versions/a1_it.py::upgrade[billing-sqlite]").assert_outcomes(passed=1)
    project.run(*both, "-v").stdout.fnmatch_lines(
        ["billing/alembic.ini a1  sqlite *", "alembic.ini a1 * sqlite *", "alembic.ini a2 * sqlite *"]
    )


def test_a_history_outside_the_root_directory_is_told_apart(
    project: MigrationProject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Its ids begin with the way there, and can be typed back; pytest must be told the ini file then, as always."""
    other = HistoryFiles(tmp_path_factory.mktemp("elsewhere"))
    other.add("a1", None, TABLE, UNDONE)
    option = f"--darkhost-alembic={other.path}/alembic.ini"

    found = next(each for each in project.ids(option) if "::upgrade[" in each)

    assert found.startswith("../")
    assert found.endswith(f"::upgrade[{other.path.name}-sqlite]")
    project.run("-c", "pytest.ini", option, found).assert_outcomes(passed=1)


def test_workers_share_nothing_and_walk_once(project: MigrationProject) -> None:
    """Under pytest-xdist all checks of one history on one database are run by one worker."""
    result = project.pytester.runpytest_subprocess("-n2", "-v", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=5, failed=2, skipped=2)
    workers = {
        line.split("]")[0] for line in result.outlines if "migrations/versions" in line and line.startswith("[gw")
    }
    assert len(workers) == 1


def test_the_json_report_has_an_object_for_each_check(project: MigrationProject) -> None:
    """What was judged, of which revision, on which database, and what was seen."""
    project.run("--json-report", "--json-report-file=report.json", "-p", "no:cacheprovider")

    report = json.loads((project.path / "report.json").read_text())
    seen = {test["nodeid"]: test["metadata"]["darkhost"] for test in report["tests"]}
    failed = seen[f"{A2}::downgrade[sqlite]"]
    assert failed["verdict"] == "failed"
    assert (failed["revision"], failed["database"], failed["source"]) == ("a2", "sqlite", "migration")
    assert failed["actual"] == "things id=1: row added"
    assert seen[f"{A2}::untouched[sqlite]"]["reason_code"] == "undeclared"
    assert seen[f"{A2}::upgrade[sqlite]"]["figures"]["rows"] == {"INSERT things": 1}


def test_only_what_is_new_is_judged(project: MigrationProject) -> None:
    """`--darkhost-since` takes a revision or a git commit; anything else is a usage error."""
    git = ("git", "-c", "user.name=n", "-c", "user.email=e@example.org", "-C", str(project.path))
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", A1, "alembic.ini"], check=True)
    subprocess.run([*git, "commit", "-qm", "first"], check=True)

    result = project.run("--darkhost-since=a1")
    result.assert_outcomes(passed=2, failed=2, skipped=1)
    result.stdout.fnmatch_lines(["alembic.ini: 1 of 2 revisions are judged (since a1)"])
    project.run("--darkhost-since=HEAD").assert_outcomes(passed=2, failed=2, skipped=1)
    ran = project.path / "ran"
    for setting in ("filter.x.clean", "diff.external", "diff.x.textconv", "core.fsmonitor"):
        subprocess.run([*git, "config", setting, f"touch {ran};"], check=True)
    (project.path / ".git/info/attributes").write_text("* filter=x diff=x\n", encoding="utf-8")
    (project.path / A1).write_text((project.path / A1).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    project.run("--darkhost-since=HEAD", "--collect-only").stdout.fnmatch_lines(["*2 of 2 revisions are judged*"])
    assert not ran.exists(), "nothing that the repository configures runs"
    refused = project.run("--darkhost-since=nowhere")
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines(
        ["ERROR: --darkhost-since: 'nowhere' is neither a revision of alembic.ini nor a git *"]
    )


BASELINE = """
- finding: "migrations/versions/a2_it.py::downgrade[sqlite]"
  says: "things id=1: row added"
  owner: platform
  reason: the row was wanted
  expires: "{expires}"
"""


def test_accepted_findings_do_not_fail(project: MigrationProject) -> None:
    """What the baseline accepts is an expected failure; another finding and an expired one fail."""
    file = project.path / "baseline.yaml"
    file.write_text(BASELINE.format(expires="2999-12-31"))
    project.run("--darkhost-baseline=baseline.yaml").assert_outcomes(passed=5, failed=1, skipped=2, xfailed=1)

    file.write_text(BASELINE.format(expires="2001-01-01"))
    result = project.run("--darkhost-baseline=baseline.yaml")
    result.assert_outcomes(passed=5, failed=2, skipped=2)
    result.stdout.fnmatch_lines(["  baseline: accepted until 2001-01-01 by platform (baseline.yaml:2), which is past"])


def test_a_baseline_entry_lacks_nothing(project: MigrationProject) -> None:
    """Owner, reason and expiry are asked for, each with its line."""
    (project.path / "baseline.yaml").write_text("- finding: x\n  says: y\n  owner: me\n  expires: soon\n  why: z\n")

    result = project.run("--darkhost-baseline=baseline.yaml")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "*baseline.yaml:5: why: unknown key, expected one of finding, says, owner, reason, expires*",
            "*baseline.yaml:1: reason: None, expected text*",
            "*baseline.yaml:4: expires: 'soon', expected a date: 2027-01-31*",
        ]
    )


FAULTS = {
    "syntax": ("def upgrade(:\n", "{file}:1: *, expected a revision file that Python can read"),
    "no down_revision": ("revision = 'a3'\n", "{file}:1: there is no 'down_revision', expected the revision below*"),
    "twice": ("revision = 'a1'\ndown_revision = None\n", "{file}:2: revision 'a1' is that of *a1_it.py too*"),
    "missing": ("revision = 'a3'\ndown_revision = 'zz'\n", "{file}:2: down_revision 'zz' is not there, expected *"),
    "an error": ("import nowhere_at_all\n", "{file}:1: ModuleNotFoundError: No module named 'nowhere_at_all'*"),
    "itself": (
        "revision = 'a3'\ndown_revision = 'a3'\n",
        "{file}:2: revision 'a3' builds on itself, expected each to build on what was there before it. Change *",
    ),
    "reserved": ("revision = 'base'\ndown_revision = 'a2'\n", "{file}:2: revision 'base' is a word of Alembic*"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_history_is_told_once(project: MigrationProject, fault: str) -> None:
    """One clear message with its place, no traceback, and nothing else is run."""
    text, told = FAULTS[fault]
    (project.files.versions / "z9_broken.py").write_text(text)

    result = project.run()

    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told.format(file="migrations/versions/z9_broken.py")])
    assert "Traceback" not in result.stdout.str()


def test_two_heads_are_one_failure(project: MigrationProject) -> None:
    """The revisions are judged all the same."""
    project.files.add("b2", "a1")

    result = project.run("-q")

    result.assert_outcomes(passed=7, failed=3, skipped=3)
    result.stdout.fnmatch_lines(
        ["alembic.ini:1: single_head: 2 heads (a2, b2), expected one head. Join them: alembic merge*"]
    )


NAMED = """
[DEFAULT]
script_location = migrations
[state]
version_locations = migrations/versions
[jobs]
script_location = jobs
[loggers]
keys = root
"""
USAGE = {
    "no such ini": (
        ("--darkhost-alembic=nowhere.ini",),
        "nowhere.ini: there is no such file, expected the configuration*",
    ),
    "no location": (("--darkhost-alembic=pytest.ini",), "pytest.ini: *script_location*"),
    "sections of other names": (
        ("--darkhost-alembic=named.ini",),
        "named.ini: there is no section [[]alembic[]], but [[]state[]], [[]jobs[]], expected a configuration of *. "
        "Write an ini of its own for each, *",
    ),
    "a database of somebody": (("--darkhost-database=sqlite:///catalog.db",), "database sqlite:///catalog.db: *"),
    "no such database": (("--darkhost-database=oracle",), "database 'oracle': it is neither a kind of database*"),
    "no rows": (("--darkhost-rows=rows.yaml",), "rows.yaml: there is no such file*"),
    "rows after no revision": (
        ("--darkhost-rows=after.yaml",),
        "rows: 'a22' is no revision of alembic.ini, expected one of 'a2', 'a1'",
    ),
    "tables without a source": (
        ("--darkhost-rows-table=things",),
        "--darkhost-rows-table things: there is no database to copy it from, expected --darkhost-rows-from",
    ),
    "rows without a number": (("-o", "darkhost_rows_limit=many"), "darkhost_rows_limit: 'many' is not valid*"),
    "zero rows": (("-o", "darkhost_zero_rows=maybe"), "darkhost_zero_rows: 'maybe' is not valid, expected one of*"),
}


@pytest.mark.parametrize("case", USAGE)
def test_what_cannot_be_used_is_a_usage_error(project: MigrationProject, case: str) -> None:
    """Exit code 4 and one line, before anything is run."""
    arguments, told = USAGE[case]
    Path(project.path / "named.ini").write_text(NAMED)
    Path(project.path / "after.yaml").write_text("revision: a22\nthings: [{id: 1}]\n")

    result = project.run(*arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {told}"])


def test_a_server_that_is_not_there_is_told_once(project: MigrationProject) -> None:
    """The first check fails with the reason, the others are not judged, and no part of the password is shown."""
    url = "postgresql+psycopg://me:canary-s3cret@127.0.0.1:1/postgres"

    result = project.run(f"--darkhost-database={url}", "-rs")

    result.assert_outcomes(passed=1, failed=1, skipped=9)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert "canary" not in result.stdout.str()
    assert "--darkhost-database=…" in result.stdout.str()


def test_rows_are_in_place_below_what_is_judged(project: MigrationProject) -> None:
    """A slug that production has already breaks the upgrade that inserts it."""
    Path(project.path / "rows.yaml").write_text("things:\n  - {id: 1, name: from production}\n")

    result = project.run("--darkhost-rows=rows.yaml", f"{A2}::upgrade[sqlite]")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*it raised IntegrityError: UNIQUE constraint failed: things.id*"])


def test_rows_of_one_history_are_no_matter_of_another(project: MigrationProject) -> None:
    """A revision that one of two histories has says where they belong, and is missed by neither."""
    other = HistoryFiles(project.path / "billing")
    other.add("b1", None, TABLE, UNDONE)
    Path(project.path / "after.yaml").write_text("revision: a1\nthings: [{id: 1, name: x}]\n")
    both = ("--darkhost-alembic=alembic.ini", "--darkhost-alembic=billing/alembic.ini")

    result = project.run(*both, "--darkhost-rows=after.yaml", "-k", "upgrade and not again")

    result.assert_outcomes(passed=2, failed=1, deselected=11)
    result.stdout.fnmatch_lines(["*it raised IntegrityError: UNIQUE constraint failed: things.id*"])


def test_named_tables_are_copied(project: MigrationProject) -> None:
    """From a database that is named, by option and by ini; one with too many rows is refused with what to do."""
    source = sqlite3.connect(project.path / "source.db")
    source.executescript("CREATE TABLE things (id INTEGER, name TEXT); INSERT INTO things VALUES (1, 'x'), (2, 'y')")
    source.close()
    named = ("--darkhost-rows-from=sqlite:///source.db", f"{A2}::upgrade[sqlite]")

    typed = project.run(*named, "--darkhost-rows-table=things")
    few = project.run(*named, "-o", "darkhost_rows_tables=things", "-o", "darkhost_rows_limit=1")

    typed.stdout.fnmatch_lines(["*it raised IntegrityError: UNIQUE constraint failed: things.id*"])
    few.stdout.fnmatch_lines(["*sqlite:///source.db: things: more than 1 rows, expected at most so many: *"])
    assert few.ret == pytest.ExitCode.TESTS_FAILED


def test_a_history_may_begin_above_a_schema(project: MigrationProject) -> None:
    """What was there before the first revision is put into the empty database."""
    project.files.add(
        "a1", None, 'op.add_column("things", sa.Column("size", sa.Integer))', 'op.drop_column("things", "size")'
    )
    Path(project.path / "schema.sql").write_text(
        "-- revision: base\nCREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR(40));\n"
        "INSERT INTO things VALUES (7, 'old');\n"
    )

    project.run(A1).assert_outcomes(failed=1, skipped=3)
    project.run("--darkhost-rows=schema.sql", A1).assert_outcomes(passed=3, skipped=1)


def test_one_line_tracebacks_are_one_line(project: MigrationProject) -> None:
    """`--tb=line` shows the place and what was seen."""
    result = project.run("--tb=line", f"{A2}::downgrade[sqlite]")

    result.stdout.fnmatch_lines(
        ["*/migrations/versions/a2_it.py:21: things id=1: row added, expected rows and schema as *"]
    )


def test_nothing_judged_is_no_success(project: MigrationProject) -> None:
    """A run whose checks were all left unjudged ends with 1."""
    result = project.run("-k", "untouched")

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["nothing was judged: no check of a revision passed or failed"])


def test_a_statement_that_touches_no_row_is_a_warning(project: MigrationProject) -> None:
    """Seen in the summary of warnings, at its line; the ini makes it a failure."""
    project.files.add("a2", "a1", "execute(\"UPDATE things SET name = 'x' WHERE id = 7\")")

    result = project.run(f"{A2}::upgrade[sqlite]", "-W", "default")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*MigrationWarning: UPDATE things touched no row (migrations/versions/a2_it.py:14)"])
    project.run(f"{A2}::upgrade[sqlite]", "-o", "darkhost_zero_rows=error").assert_outcomes(failed=1)


def test_the_shop_finds_what_an_empty_database_hides(pytester: pytest.Pytester) -> None:
    """The example of a team without a language model: rows of production, and one accepted finding."""
    pytester.copy_example("migrations/shop")

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")

    result.assert_outcomes(passed=6, failed=1, skipped=5, xfailed=1)
    result.stdout.fnmatch_lines(
        [
            "*0003_unique_numbers.py:9: 0003 upgrade?sqlite?: it raised IntegrityError: UNIQUE constraint failed*",
            "0002      sqlite    1 statement · UPDATE orders 3 *accepted: downgrade",
        ]
    )


def test_the_seed_failure_cannot_be_missed(pytester: pytest.Pytester) -> None:
    """The example of an activation that changes no row: Alembic reports success, and four checks do not."""
    pytester.copy_example("migrations/seed_failure")

    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-m", "migration")

    result.stdout.fnmatch_lines(
        [
            "*0002_light_llama.py:16: 0002 upgrade?sqlite?: UPDATE models touched no row, expected each UPDATE and *",
            "  at        migrations/versions/0002_light_llama.py:18: UPDATE models SET *",
            "0002 *UPDATE models 0*failed: upgrade, row_exists, downgrade",
        ]
    )


def test_a_baseline_entry_that_is_not_needed_is_named(project: MigrationProject) -> None:
    """What was repaired should not stay accepted."""
    text = BASELINE.format(expires="2999-12-31").replace("a2_it.py::downgrade", "a1_it.py::downgrade")
    (project.path / "baseline.yaml").write_text(text)

    result = project.run("--darkhost-baseline=baseline.yaml")

    result.stdout.fnmatch_lines(
        ["baseline.yaml:2: migrations/versions/a1_it.py::downgrade* any more. Take the entry out"]
    )
