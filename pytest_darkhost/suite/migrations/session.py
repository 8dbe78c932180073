"""
The hooks of a session that has an Alembic history. Registered by `plugin` only then: it imports heavy libraries.
"""

from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest

from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.databases.opening import import_driver
from pytest_darkhost.suite.carrier import darkhost_property, move_property
from pytest_darkhost.suite.lasting import Lasting, no_rounds
from pytest_darkhost.suite.migrations.collection import collect_history
from pytest_darkhost.suite.migrations.ending import end_at_once
from pytest_darkhost.suite.migrations.items import MigrationItem, TripItem
from pytest_darkhost.suite.migrations.options import MigrationSettings
from pytest_darkhost.suite.migrations.record import SOURCE
from pytest_darkhost.suite.migrations.run import MIGRATIONS, MigrationRun
from pytest_darkhost.suite.migrations.terminal import summary_lines, unneeded_lines
from pytest_darkhost.suite.migrations.walks import WALKS, Walks
from pytest_darkhost.suite.places import argument_paths
from pytest_darkhost.suite.settings import Settings, absolute

_NOBODY_NAMED = frozenset({"INVOCATION_DIR", "TESTPATHS"})


class MigrationSession:
    """The plugin object of one session."""

    def __init__(self, run: MigrationRun) -> None:
        self.run = run
        self.walks = run.config.stash[WALKS] = Walks(run)
        self.lasting = Lasting.until_end_of(run.config)
        self.lasting.keep()  # what was imported
        end_at_once()
        self.seen: dict[str, dict[str, Any]] = {}
        """The `darkhost` objects of migration checks by the ids of their tests, in the order of their reports."""

    @classmethod
    def configured(cls, config: pytest.Config, settings: Settings, own: MigrationSettings) -> Self:
        """Return the plugin object. Raises `UsageError`."""
        run = MigrationRun(config, settings, own)
        if own.since is not None:
            for place in run.histories.places:
                run.histories.judged(place)
        config.stash[MIGRATIONS] = run
        _collect_histories_too(run)
        if config.pluginmanager.has_plugin("xdist"):
            from pytest_darkhost.suite.migrations.xdist import MigrationWorkers

            config.pluginmanager.register(MigrationWorkers(run), "darkhost-migrations-xdist")
        made = cls(run)
        if own.rows is not None:
            _require_place(made.walks)
        return made

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """Collect a history. Its files are no test modules, whatever they are called."""
        others = yield
        mine = collect_history(file_path, parent)
        if mine is None:
            return others
        return [mine] if file_path.suffix == ".py" else [*others, mine]

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        """Say how much of a history is judged, where it is not all of it."""
        if self.run.own.since is None or not any(isinstance(item, MigrationItem) for item in items):
            return []
        histories = self.run.histories
        return [
            f"{place.shown}: {len(histories.judged(place))} of {len(histories.history(place).revisions)} revisions are "
            f"judged (since {self.run.own.since})"
            for place in histories.places
        ]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Take note of what will be judged: everything else is only run."""
        trips = [item for item in session.items if isinstance(item, TripItem)]
        for item in trips:
            self.walks.wanted.setdefault(item.key, set()).add(item.revision.id)
        if trips and not session.config.option.collectonly:
            with no_rounds():
                for source in {item.where.source for item in trips}:
                    import_driver(source)
                self.lasting.keep()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give a check that was not judged its place in the revision, not in our code."""
        report = yield
        if isinstance(item, MigrationItem) and isinstance(report.longrepr, tuple):
            report.longrepr = (str(item.path), item.line, report.longrepr[2])
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather what was concluded, in the controller."""
        if report.when == "call" and (data := darkhost_property(report)) and data.get("source") == SOURCE:
            self.seen[report.nodeid] = data

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Drop every database and end every server. Never exit with 0 when there were checks and none was judged."""
        self.walks.close()
        if self.nothing_judged and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        yield

    @property
    def nothing_judged(self) -> bool:
        """Whether there were checks of revisions, and none of them passed or failed."""
        trips = [each for each in self.seen.values() if each.get("revision")]
        return bool(trips) and all(each["verdict"] == "not_judged" for each in trips)

    @pytest.hookimpl(optionalhook=True)
    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Move each test's object under `metadata`."""
        for test in json_report.get("tests", ()):
            move_property(test)

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """Print what was run, and what was not judged."""
        lines = list(summary_lines(self.seen.values(), verbose=config.get_verbosity() > 0))
        if not lines:
            return
        terminalreporter.section("darkhost migrations", "=")
        for line in (*lines, *unneeded_lines(self.run.baseline, self.seen)):
            terminalreporter.write_line(line)
        if self.nothing_judged:
            terminalreporter.write_line("nothing was judged: no check of a revision passed or failed", red=True)

    def pytest_unconfigure(self) -> None:
        """Drop what is left where the session did not come to its end."""
        self.walks.close()


def _require_place(walks: Walks) -> None:
    """Raise `UsageError` for a file of rows that cannot be read, or that names a revision which is not there."""
    _ = walks.row_source
    for place in walks.run.histories.places:
        with suppress(HistoryError):  # told when it is collected
            walks.run.histories.history(place)
            walks.rows(place)


def _collect_histories_too(run: MigrationRun) -> None:
    """Add histories to pytest's arguments where nobody named a path and these would not reach them."""
    source = getattr(getattr(run.config, "args_source", None), "name", "")
    if source not in _NOBODY_NAMED:
        return
    named = argument_paths(run.config)
    places = [path for place in run.histories.places for path in (place.ini, *place.versions)]
    run.config.args += [
        str(path) for path in map(absolute, places) if not any(path.is_relative_to(there) for there in named)
    ]
