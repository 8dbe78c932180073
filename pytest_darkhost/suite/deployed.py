"""
pytest's side of `-m deployed`: whether what was deployed is lit, read-only. Like `live`, it must be asked for by name.
"""

from collections.abc import Generator, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost import variables
from pytest_darkhost.errors import DarkhostError, UsageError
from pytest_darkhost.suite.migrations.options import MigrationSettings
from pytest_darkhost.suite.selection import could_opt_in
from pytest_darkhost.suite.settings import NO_CATALOG, Settings

if TYPE_CHECKING:
    from pytest_darkhost.checks.case import Case, Check
    from pytest_darkhost.migrations.deployed import Deployment, Due
    from pytest_darkhost.suite.collection import ModelNode
    from pytest_darkhost.verdicts import Verdict

MARK = "deployed"
DEPLOYED: "pytest.StashKey[DeployedSession]" = pytest.StashKey()


@pytest.mark.deployed
def reads_database() -> None:
    """Stand for a check that reads what was deployed: its mark is what counts."""


class DeployedSession:
    """The plugin object of a session that asks for it. The database is read once, when the first item needs it."""

    def __init__(self, config: pytest.Config, settings: Settings, own: MigrationSettings) -> None:
        self.config = config
        self.settings = settings
        self.own = own
        self.judged: list[str] = []
        """Outcomes of the items, in the controller."""

    @classmethod
    def configured(cls, config: pytest.Config, settings: Settings, own: MigrationSettings) -> "DeployedSession | None":
        """Return the plugin object, `None` where nobody asks. Raises `UsageError` where no database is named."""
        if not could_opt_in(config.option.markexpr, MARK):
            return None
        if settings.catalog in {None, NO_CATALOG}:
            msg = (
                f"-m {config.option.markexpr}: no database is named, expected the one that was deployed to. "
                f"Name it with --darkhost-catalog, ${variables.CATALOG_URL} or ini darkhost_catalog"
            )
            raise UsageError(msg)
        made = cls(config, settings, own)
        config.stash[DEPLOYED] = made
        return made

    @cached_property
    def check(self) -> "Check":
        """The check of each target."""
        from pytest_darkhost.checks.case import Check, Source

        return Check(MARK, self.judge, sources=(Source.DATABASE,))

    def judge(self, case: "Case") -> "Verdict":
        """Return the verdict on one target."""
        from pytest_darkhost.migrations.deployed import judge_deployed
        from pytest_darkhost.specs.models import Target
        from pytest_darkhost.verdicts import Failed

        if case.model is None:
            msg = "the check judges targets only"
            raise ValueError(msg)
        try:
            return judge_deployed(Target(case.venue, case.model), self.deployment, self.due)
        except DarkhostError as error:
            return Failed("a database and a history that can be read", str(error))

    @cached_property
    def deployment(self) -> "Deployment":
        """What the database holds. Raises `CatalogError`."""
        from pytest_darkhost.catalog.names import parse_names
        from pytest_darkhost.migrations.deployed import read_deployment

        return read_deployment(self.settings.catalog or "", parse_names(self.settings.catalog_names), str)

    @cached_property
    def due(self) -> "Due | None":
        """
        What the history says: that of `--darkhost-alembic`, else of `alembic.ini` in the root directory.

        Of several, the one that knows the database's revision. `None` where there is none. Raises `UsageError`.
        """
        from pytest_darkhost.migrations.deployed import due
        from pytest_darkhost.suite.migrations.run import MigrationRun

        usual = self.settings.root / "alembic.ini"
        inis = self.own.inis or ((usual,) if usual.is_file() else ())
        if not inis:
            return None
        run = MigrationRun(self.config, self.settings, replace(self.own, inis=inis, databases=()))
        at = self.deployment.catalog.revision
        histories = run.histories
        mine = (each for each in histories.places if at in {it.id for it in histories.history(each).revisions})
        place = next(mine, histories.places[0])
        return due(histories.history(place), run.declarations(place))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of what was concluded."""
        if report.when == "call" and report.nodeid.endswith(f"::{MARK}[database]"):
            self.judged.append(report.outcome)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Never exit with 0 when nothing was judged."""
        if self.nothing_judged and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        yield

    @property
    def nothing_judged(self) -> bool:
        """Whether there were items, and none passed or failed."""
        return bool(self.judged) and set(self.judged) == {"skipped"}

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say so when nothing was judged."""
        if self.nothing_judged:
            terminalreporter.write_line("nothing was judged: no target is active, and none is activated", red=True)


def deployed_items(node: "ModelNode") -> Iterator[pytest.Item]:
    """Yield the item of a model, if this session asks for it."""
    from pytest_darkhost.suite.items import CheckItem

    session = node.config.stash.get(DEPLOYED, None)
    if session is not None:
        source = session.check.sources[0]
        yield CheckItem.from_parent(
            node,
            name=f"{MARK}[{source}]",
            originalname=MARK,
            callobj=reads_database,
            fixtureinfo=None,
            loaded=node.loaded,
            model=node.model,
            check=session.check,
            source=source,
        )
