"""What `darkhost new activation` writes: self-contained, formatted, typed, and in place as a whole or not at all."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL

from pytest_darkhost.migrations.declarations import read_declaration
from support.activations import NEW, SEEDED, Project
from support.history import ROOT

PATHS = [("A", SEEDED["slug"]), ("A", NEW["slug"]), ("B", NEW["slug"]), ("C", SEEDED["slug"]), ("C", NEW["slug"])]


@pytest.fixture(params=PATHS, ids="-".join)
def files(request: pytest.FixtureRequest, project: Project, sqlite: URL) -> list[Path]:
    """The files of an activation by each path, of a row that is there and of one that is not."""
    path, slug = request.param
    return project.activation(sqlite, slug, path)


def test_the_number_of_files(files: list[Path], request: pytest.FixtureRequest) -> None:
    """Paths B and C bring a schema revision where the history lacks it; ids count on, names are Alembic's."""
    path = request.node.callspec.params["files"][0]
    assert [file.name[:5] for file in files] == (["0003_"] if path == "A" else ["0003_", "0004_"])
    assert files[-1].name[4:].startswith("_activate_")


def test_they_import_nothing_of_ours(files: list[Path]) -> None:
    """Production has Alembic and SQLAlchemy, and need not have this plugin."""
    for file in files:
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
        assert names <= {"alembic", "sqlalchemy", "datetime", "hashlib", "json"}


@pytest.mark.parametrize("width", ["88", "120"])
def test_they_are_formatted(files: list[Path], width: str) -> None:
    """In the layout of ruff and black at their own width and at a wider one, and without unused names."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--check", "--line-length", width]
    assert subprocess.run([*command, *files], capture_output=True, check=False).returncode == 0
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F,E7,E9,D1,ANN"]
    assert subprocess.run([*command, *files], capture_output=True, check=False).returncode == 0


def test_they_say_what_they_may_change(files: list[Path]) -> None:
    """Each carries a declaration that can be read without running it; the activation names its target."""
    declared = [read_declaration(file, file.name) for file in files]
    assert all(each is not None and each.changes for each in declared)
    assert declared[-1] is not None
    assert declared[-1].activates in {f"together/{SEEDED['slug']}", f"together/{NEW['slug']}"}


def test_they_say_how_to_undo_them(files: list[Path]) -> None:
    """By the name of the revision below; `-1` only while it is the head."""
    text = files[-1].read_text(encoding="utf-8")
    number = int(files[-1].name[:4])
    assert f"`alembic downgrade {number - 1:04d}`. `-1` means the same only while {number:04d} is the head." in text


def test_types_hold(project: Project, sqlite: URL) -> None:
    """A strict run of mypy has nothing to say."""
    files = project.activation(sqlite, NEW["slug"], "C")
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={ROOT / '.mypy_cache'}", str(files[-1])]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=project.root.parent)
    assert done.returncode == 0, done.stdout


def test_a_dry_run_prints_and_writes_nothing(project: Project, sqlite: URL) -> None:
    """The files appear on stdout, behind their names."""
    before = sorted(project.root.rglob("*.py"))
    catalog = ("--catalog", sqlite.render_as_string())
    asked = ("new", "activation", "--venue", "together", "--model", NEW["slug"], "--path", "C")
    code, out, err = project.darkhost(*asked, *catalog, "--dry-run")
    assert (code, err) == (0, "")
    assert out.count("# ") > 2
    assert "_logical_slug.py\n" in out
    assert 'down_revision = "0003"' in out
    assert sorted(project.root.rglob("*.py")) == before


def test_nothing_is_overwritten(project: Project, sqlite: URL) -> None:
    """A file of that name stays as it was, and the schema revision beside it is not left behind."""
    taken = project.versions / "0004_activate_new_together.py"
    taken.write_text("# mine, and no revision\n", encoding="utf-8")
    catalog = ("--catalog", sqlite.render_as_string())
    asked = ("new", "activation", "--venue", "together", "--model", NEW["slug"], "--path", "C")
    code, _, err = project.darkhost(*asked, *catalog)
    assert code == 1
    assert "0004_activate_new_together.py" in err
    assert taken.read_text(encoding="utf-8") == "# mine, and no revision\n"
    assert sorted(file.name[:4] for file in project.versions.iterdir() if file.suffix == ".py") == [
        "0001",
        "0002",
        "0004",
    ]


def test_the_catalog_is_not_written_to(project: Project, sqlite: URL) -> None:
    """Its file is the same, byte for byte."""
    file = Path(str(sqlite.database))
    before = file.read_bytes()
    project.activation(sqlite, SEEDED["slug"])
    assert file.read_bytes() == before


def test_the_password_shows_nowhere(project: Project, postgres: URL) -> None:
    """Neither in what is printed nor in what is written."""
    password = str(postgres.password)
    (file,) = project.activation(postgres, SEEDED["slug"])
    assert password not in file.read_text(encoding="utf-8")
