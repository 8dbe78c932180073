"""A project in which activations are written: the reference history, and specs with composed priors and verdicts."""

import io
import shutil
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL

from pytest_darkhost.__main__ import main
from support.history import HISTORY, ROOT

SPEC = """\
venue: {venue}
dialect: openai
base_url: https://api.together.ai
credential_env: TOGETHER_API_KEY
errors: {{refused_key: {{status: 401}}, unknown_model: {{status: 404}}}}
# Priors and verdicts are composed for tests.
models:
"""
MODEL = """\
  - slug: {slug}
    upstream_model: {upstream}
    brand: {brand}
    logical_slug: {logical}
    q_prior: {prior}
    m_allowed: {allowed}
    price: {{in_per_mtok_usd: "{price}", out_per_mtok_usd: "0.60", source: composed for tests, as_of: 2026-11-22}}
"""
SEEDED = {"slug": "gpt-oss-120b-together", "upstream": "openai/gpt-oss-120b", "brand": "openai"}
"""The seed has a dark row of it."""
NEW = {"slug": "new-together", "upstream": "acme/new", "brand": "openai"}
"""The seed has no row of it."""


def model(**changes: str) -> str:
    """Return a model of a spec as YAML."""
    usual = {"logical": "gpt-oss-120b-novita", "prior": "0.83", "allowed": "true", "price": "0.15"}
    return MODEL.format(**{**usual, **changes})


def spec(*models: str, venue: str = "together") -> str:
    """Return a venue spec as YAML."""
    return SPEC.format(venue=venue) + "".join(models)


@dataclass(frozen=True)
class Project:
    """A directory with `alembic.ini`, a history and specs."""

    root: Path

    @property
    def versions(self) -> Path:
        """Where revisions are."""
        return self.root / "alembic" / "versions"

    def write_spec(self, text: str, venue: str = "together") -> None:
        """Write a spec."""
        (self.root / "venue_specs" / f"{venue}.yaml").write_text(text, encoding="utf-8")

    def darkhost(self, *arguments: str) -> tuple[int, str, str]:
        """Run the console command in this process; return its exit code, output and errors."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(arguments)
        return code, out.getvalue(), err.getvalue()

    def activation(self, url: URL, slug: str, path: str = "A", *more: str) -> list[Path]:
        """Write an activation; return its files, the activation last."""
        catalog = ("--catalog", url.render_as_string(hide_password=False))
        named = ("--venue", "together", "--model", slug, "--path", path)
        code, out, err = self.darkhost("new", "activation", *named, *catalog, *more)
        assert code == 0, err
        return [Path(line) for line in out.splitlines() if line.endswith(".py")]

    def config(self, url: URL, x: Sequence[str] = ()) -> Config:
        """Return Alembic's configuration, without an ini file so that no logger is touched."""
        made = Config(output_buffer=io.StringIO())
        made.set_main_option("script_location", str(self.root / "alembic"))
        made.set_main_option("sqlalchemy.url", url.render_as_string(hide_password=False).replace("%", "%%"))
        if x:
            import argparse

            made.cmd_opts = argparse.Namespace(x=list(x))
        return made

    def upgrade(self, url: URL, revision: str = "head") -> None:
        """Upgrade a database through `env.py`."""
        command.upgrade(self.config(url), revision)

    def downgrade(self, url: URL, revision: str) -> None:
        """Downgrade a database through `env.py`."""
        command.downgrade(self.config(url), revision)

    def printed(self, url: URL, revisions: str, *, down: bool = False, x: Sequence[str] = ()) -> str:
        """Return the SQL that `--sql` prints."""
        made = self.config(url, x)
        buffer = io.StringIO()
        made.output_buffer = buffer
        (command.downgrade if down else command.upgrade)(made, revisions, sql=True)
        return buffer.getvalue()


def write_project(root: Path) -> Project:
    """Write a project whose spec has a model that is seeded dark, and one that is not there yet."""
    (root / "venue_specs").mkdir(parents=True)
    shutil.copytree(HISTORY, root / "alembic", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "alembic.ini", root)
    made = Project(root)
    made.write_spec(spec(model(**SEEDED), model(**NEW)))
    return made
