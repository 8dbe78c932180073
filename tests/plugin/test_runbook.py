"""The runbook, typed as it stands in docs/runbook.md: from a dark row to a lit model and back, against a stand-in."""

import os
import shlex
import shutil
import subprocess
import sys

import pytest
from sqlalchemy import make_url

from pytest_darkhost.__main__ import main
from support.history import HISTORY, ROOT, execute, rows, upgraded
from support.markdown import blocks
from support.proving import NO_BUDGET
from support.repository import commit_all
from support.spec_factory import KEY_ENV

SLUG = "gpt-oss-120b-together"
MODEL = {
    "slug": SLUG,
    "brand": "openai",
    "q_prior": 0.83,
    "m_allowed": True,
    "price": {"in_per_mtok_usd": "0.15", "out_per_mtok_usd": "0.60"},
}
SETTINGS, AUTHORISED = blocks("runbook.md", "ini")
BLOCKS = blocks("runbook.md", "sh")
STATE = f"SELECT active, q_prior FROM models WHERE slug = '{SLUG}'"


class Reader:
    """Somebody who types what the page says."""

    def __init__(self, project, url, capsys):
        self.project = project
        self.url = url
        self.capsys = capsys
        self.said = []

    def settings(self, *more):
        """Write the page's settings; only the catalog's URL is this test's, and what is quicker and surer."""
        text = SETTINGS.replace("postgresql+psycopg://reader@db.example/catalog", str(self.url))
        assert str(self.url) in text
        lines = (
            text,
            "darkhost_accept_not_judged = client_busy",
            "darkhost_no_cassette = *",
            "darkhost_database = sqlite",
            *more,
        )
        (self.project.path / "pytest.ini").write_text("\n".join(lines))
        commit_all(self.project.path)

    def types(self, line):
        """Run one command; return its exit code."""
        program, *arguments = shlex.split(line)
        if program == "pytest" and "live" in arguments:  # in this process, where the stand-in is trusted
            result = self.project.run(*arguments)
            self.said.append(result.stdout.str() + result.stderr.str())
            return int(result.ret)
        if program == "darkhost":
            self.capsys.readouterr()
            code = main(arguments)
            self.said.append("".join(self.capsys.readouterr()))
            return code
        program = [sys.executable, "-m", program] if program in {"pytest", "alembic"} else [program]
        environment = os.environ | {"DARKHOST_CATALOG_URL": str(self.url)}
        done = subprocess.run(
            [*program, *arguments], cwd=self.project.path, env=environment, capture_output=True, text=True, check=False
        )
        self.said.append(done.stdout + done.stderr)
        return done.returncode

    def types_all(self, lines):
        """Run commands of which each exits with 0."""
        for line in lines:
            assert self.types(line) == 0, f"{line}\n{self.said[-1]}"

    @property
    def row(self):
        """What the row is now."""
        return rows(self.url, STATE)


@pytest.fixture
def reader(project, trusted, capsys, monkeypatch):
    """A repository with the reference history, its catalog, and a spec of the page's model."""
    monkeypatch.delenv("DARKHOST_KEY_PASSPHRASE", raising=False)
    server = project.venue("together", "together", tls=trusted, spec=NO_BUDGET | {"model": MODEL})
    shutil.copytree(HISTORY, project.path / "alembic", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "alembic.ini", project.path)
    (project.path / ".gitignore").write_text("*.db\n.darkhost/\n__pycache__/\n")
    url = make_url(f"sqlite:///{project.path / 'catalog.db'}")
    upgraded(url, "head")
    execute(url, f"UPDATE providers SET base_url = '{server.base_url}' WHERE slug = 'together'")
    return Reader(project, url, capsys)


def test_the_page_is_typed_from_top_to_bottom(reader):
    """Each command exits with 0; the row is lit by one of them alone, and by another it is as it was."""
    dark = reader.row
    once, smoke, verify, activate, apply, deployed, back = map(str.splitlines, BLOCKS)

    reader.types_all(once)
    reader.settings()
    reader.types_all((*smoke, *verify))
    assert [reader.types(line) for line in activate] == [1, 1]
    assert reader.said[-1].splitlines()[-1].startswith("shut  path ")
    reader.settings(AUTHORISED)
    reader.types_all(activate)
    printed = [line.split("  ")[-1].strip() for line in reader.said[-1].splitlines()[-4:]]
    assert printed == [*apply, *deployed, *back]
    reader.types_all(apply[:-1])
    assert reader.row == dark

    reader.types_all(apply[-1:])
    assert reader.row == [(True, 0.83)]
    reader.types_all(deployed)
    assert reader.types(activate[0]) == 1
    assert "is lit already" in reader.said[-1]

    reader.types_all(back)
    assert reader.row == dark
    assert os.environ[KEY_ENV] not in "".join(reader.said)
