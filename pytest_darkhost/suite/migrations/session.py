"""
The hooks of a session that has an Alembic history. Registered by `plugin` only then: it imports heavy libraries.
"""

from collections.abc import Generator
from pathlib import Path
from typing import Self

import pytest

from pytest_darkhost.suite.migrations.collection import collect_history
from pytest_darkhost.suite.migrations.items import TripItem
from pytest_darkhost.suite.migrations.options import MigrationSettings
from pytest_darkhost.suite.migrations.run import MIGRATIONS, MigrationRun
from pytest_darkhost.suite.options import Settings
from pytest_darkhost.suite.places import absolute, argument_paths

_NOBODY_NAMED = frozenset({"INVOCATION_DIR", "TESTPATHS"})


class MigrationSession:
    """The plugin object of one session."""

    def __init__(self, run: MigrationRun) -> None:
        self.run = run

    @classmethod
    def configured(cls, config: pytest.Config, settings: Settings, own: MigrationSettings) -> Self:
        """Return the plugin object. Raises `UsageError`."""
        run = MigrationRun(config, settings, own)
        config.stash[MIGRATIONS] = run
        _collect_histories_too(run)
        return cls(run)

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

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Take note of what will be judged: everything else is only run."""
        for item in session.items:
            if isinstance(item, TripItem):
                self.run.wanted.setdefault(item.key, set()).add(item.revision.id)

    def pytest_unconfigure(self) -> None:
        """Drop every database and end every server."""
        self.run.close()


def _collect_histories_too(run: MigrationRun) -> None:
    """Add histories to pytest's arguments where nobody named a path and these would not reach them."""
    source = getattr(getattr(run.config, "args_source", None), "name", "")
    if source not in _NOBODY_NAMED:
        return
    named = argument_paths(run.config)
    places = [path for place in run.places for path in (place.ini, *place.versions)]
    run.config.args += [
        str(path) for path in map(absolute, places) if not any(path.is_relative_to(there) for there in named)
    ]
