"""
Side by side with pytest-xdist: all checks of one history on one database go to one worker, which walks there once.
"""

from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost.suite.migrations.run import SHARED_ID, MigrationRun

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController


class MigrationWorkers:
    """Registered only where pytest-xdist is."""

    def __init__(self, run: MigrationRun) -> None:
        self.run = run

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: "WorkerController") -> None:
        """Hand each worker the run's id."""
        node.workerinput[SHARED_ID] = self.run.id

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Return a scheduler that keeps a walk together and distributes all else as `--dist` says."""
        base = _schedulers().get(config.getvalue("dist"))
        if base is None:
            return None
        alone = config.getvalue("dist") in {"load", "worksteal"}
        run = self.run

        class WalkScheduling(base):  # type: ignore[misc, valid-type]
            """The scheduler that was asked for, with a walk as a group."""

            def _split_scope(self, nodeid: str) -> str:
                walk = walk_of(nodeid, run)
                return walk or (nodeid if alone else str(super()._split_scope(nodeid)))

        return WalkScheduling(config, log)


def walk_of(nodeid: str, run: MigrationRun) -> str | None:
    """Return the history and the database of a revision's check; `None` for any other test."""
    path, _, rest = nodeid.partition("::")
    if "[" not in rest or not path.endswith(".py"):
        return None
    parameters = rest.partition("[")[2].removesuffix("]")
    for place in reversed(run.histories.places_of(run.config.rootpath / path)):
        prefix = run.histories.prefix(place)
        if parameters.startswith(f"{prefix}-" if prefix else ""):
            return f"{place.shown}::{parameters.rpartition('-')[2]}"
    return None


def _schedulers() -> dict[str, Any]:
    from xdist.scheduler import LoadFileScheduling, LoadGroupScheduling, LoadScopeScheduling

    return {
        "load": LoadScopeScheduling,
        "worksteal": LoadScopeScheduling,
        "loadscope": LoadScopeScheduling,
        "loadfile": LoadFileScheduling,
        "loadgroup": LoadGroupScheduling,
    }
