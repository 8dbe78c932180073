"""Alembic histories written for one test, and walked without pytest's machinery."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.migrations.checks.registry import checks_of
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.declarations import Declaration, read_declaration
from pytest_darkhost.migrations.history import History, load
from pytest_darkhost.migrations.ini import locate
from pytest_darkhost.migrations.itinerary import Itinerary, Rows
from pytest_darkhost.migrations.round_trip import NotReached, RoundTrip
from pytest_darkhost.migrations.steps import Hooks
from pytest_darkhost.migrations.walk import Walk
from pytest_darkhost.specs.models import Target
from pytest_darkhost.verdicts import Failed, NotJudged, Verdict

ENV = """
from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection)
with context.begin_transaction():
    context.run_migrations()
"""
REVISION = '''"""{title}."""

import sqlalchemy as sa
from alembic import op

revision = {id!r}
down_revision = {down!r}
branch_labels = {label!r}
depends_on = {needs!r}
{declared}

def execute(*statements):
    for statement in statements:
        op.execute(statement)


def upgrade():
{up}


def downgrade():
{undo}
'''


@dataclass(frozen=True)
class HistoryFiles:
    """A directory with `alembic.ini`, `env.py` and revisions."""

    path: Path
    env: str = ENV
    ini: str = "[alembic]\nscript_location = %(here)s/migrations\n"
    ini_name: str = "alembic.ini"

    def __post_init__(self) -> None:
        self.versions.mkdir(parents=True, exist_ok=True)
        (self.path / self.ini_name).write_text(self.ini, encoding="utf-8")
        (self.path / "migrations/env.py").write_text(self.env, encoding="utf-8")

    @property
    def versions(self) -> Path:
        """Where the revisions are."""
        return self.path / "migrations/versions"

    def add(
        self,
        revision: str,
        down: str | tuple[str, ...] | None,
        up: str = "pass",
        undo: str = "pass",
        *,
        declared: Mapping[str, Any] | None = None,
        needs: str | None = None,
        label: str | None = None,
    ) -> Path:
        """Write a revision file."""
        text = REVISION.format(
            title=f"Revision {revision}",
            id=revision,
            down=down,
            needs=needs,
            label=label,
            declared=f"darkhost = {dict(declared)!r}\n" if declared else "",
            up=textwrap.indent(textwrap.dedent(up).strip(), "    "),
            undo=textwrap.indent(textwrap.dedent(undo).strip(), "    "),
        )
        file = self.versions / f"{revision}_it.py"
        file.write_text(text, encoding="utf-8")
        return file

    def load(self) -> History:
        """Read the history."""
        return load(locate(self.path / self.ini_name, self.path), self.path)


@dataclass(frozen=True)
class Walked:
    """A walk, and the verdicts on what was seen."""

    walk: Walk
    declarations: Mapping[str, Declaration]

    def trip(self, revision: str) -> RoundTrip | NotReached:
        """Walk to a revision."""
        return self.walk.trip(revision)

    def verdicts(self, revision: str) -> dict[str, Verdict]:
        """Return the verdict of each check of a revision."""
        trip = self.trip(revision)
        checks = checks_of(self.declarations.get(revision), self.walk.database)
        if isinstance(trip, NotReached):
            return {check.name: NotJudged(trip.code, trip.reason) for check in checks}
        return {check.name: check.judge(trip) for check in checks}

    def failed(self, revision: str) -> dict[str, str]:
        """Return what was seen by each check of a revision that failed."""
        return {n: each.actual for n, each in self.verdicts(revision).items() if isinstance(each, Failed)}


@dataclass(frozen=True)
class Options:
    """How a history is walked."""

    targets: Iterable[Target] = ()
    hooks: Hooks = field(default_factory=Hooks)
    strict_rows: bool = False
    rows: Rows | None = None
    wanted: frozenset[str] | None = None
    names: CatalogNames = field(default_factory=CatalogNames)
    exclude: frozenset[str] = frozenset({"alembic_version"})


@contextmanager
def walking(files: HistoryFiles, server: Server, options: Options = Options()) -> Iterator[Walked]:
    """Yield a walk over a history; its database is dropped afterwards."""
    history = files.load()
    own = {each.id: read_declaration(each.path, each.shown) for each in history.revisions}
    declarations = MappingProxyType({name: said for name, said in own.items() if said})
    every = frozenset(each.id for each in history.revisions)
    itinerary = Itinerary(
        history=history,
        wanted=every if options.wanted is None else options.wanted,
        declarations=declarations,
        targets={target.id: target for target in options.targets},
        hooks=options.hooks,
        names=options.names,
        rows=options.rows,
        strict_rows=options.strict_rows,
        exclude=options.exclude,
    )
    walk = Walk(lambda: itinerary, server.name, lambda: server)
    try:
        yield Walked(walk, declarations)
    finally:
        walk.close()
