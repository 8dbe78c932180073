"""On GitHub, each failure stands at its line of the pull request; elsewhere nothing of it is printed."""

import pytest

from support.faults import Fault

WRONG = {"fault": Fault.WRONG_OBJECT}


@pytest.fixture
def on_github(project, monkeypatch):
    """A project as a workflow of GitHub checks it out."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.path.parent))
    return project


def annotations(result):
    """Return the lines that GitHub reads."""
    return [line for line in result.outlines if line.startswith("::")]


@pytest.mark.parametrize("options", [(), ("-q",), ("-n", "2"), ("--tb=no",)])
def test_one_annotation_for_each_failure(on_github, options):
    """At the line of the model in the spec, with the context and the command that repeats it; in workers too."""
    on_github.venue(**WRONG)
    result = on_github.run("-m", "live", *options)
    found = annotations(result)
    lines = (on_github.specs / "acme.yaml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "slug: " in text)

    assert result.ret == 1
    failed = result.parseoutcomes()["failed"]
    assert len(found) == failed > 0
    assert all(f"::error file={on_github.path.name}/venue_specs/acme.yaml,line={line}," in each for each in found)
    assert any("chat_shape" in each and "%0A  again: pytest -m live" in each for each in found)


def test_a_broken_spec_has_one_for_each_mistake(on_github):
    """Each at its own line."""
    on_github.specs.mkdir(exist_ok=True)
    (on_github.specs / "bad.yaml").write_text("venue: bad\ncolour: red\nshape: round\n")
    found = annotations(on_github.run())

    assert any(",line=2,title=pytest-darkhost::colour: " in each for each in found)
    assert any(",line=3,title=pytest-darkhost::shape: " in each for each in found)


def test_elsewhere_there_is_none(project):
    """Not even when everything fails."""
    project.venue(**WRONG)

    assert annotations(project.run("-m", "live")) == []


def test_what_could_break_a_command_is_escaped(on_github):
    """A file name may hold a comma, a colon, a blank or an umlaut."""
    server = on_github.venue(**WRONG)
    place = on_github.path / "a, b%ü"
    on_github.specs.rename(place)
    result = on_github.run("-m", "live", f"{place.name}/acme.yaml")

    assert server.log
    assert all(f"file={on_github.path.name}/a%2C b%25ü/acme.yaml,line=" in each for each in annotations(result))
    assert annotations(result)


def test_what_breaks_without_a_verdict_stands_at_the_spec_too(on_github):
    """Such as a fixture of the team's own: its error in one line, and no traceback."""
    on_github.venue()
    (on_github.path / "conftest.py").write_text(
        "import pytest\n\n@pytest.fixture(autouse=True)\ndef broken():\n    raise RuntimeError('no luck')\n"
    )
    found = annotations(on_github.run("-m", "live", "-k", "chat_shape"))

    assert len(found) == 1
    assert f"::error file={on_github.path.name}/venue_specs/acme.yaml,line=" in found[0]
    assert found[0].endswith("::setup: RuntimeError: no luck")


def test_an_activation_stands_at_its_revision(on_github):
    """A migration check has its line in the history."""
    (on_github.path / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    versions = on_github.path / "migrations/versions"
    versions.mkdir(parents=True)
    (on_github.path / "migrations/env.py").write_text(ENV)
    (versions / "0001_x.py").write_text(REVISION)
    found = annotations(on_github.run("--darkhost-alembic=alembic.ini", "--darkhost-database=sqlite"))

    assert found
    assert all(f"file={on_github.path.name}/migrations/versions/0001_x.py,line=" in each for each in found)


ENV = """
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
"""
REVISION = """
from alembic import op

revision, down_revision = "0001", None


def upgrade():
    op.execute("CREATE TABLE t (x INTEGER)")


def downgrade():
    op.execute("DROP TABLE nothing_of_this_name")
"""
