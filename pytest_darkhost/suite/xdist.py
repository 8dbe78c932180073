"""
Side by side with pytest-xdist: all tests of a venue go to one worker, so that no probe is sent twice, and each worker
has its share of the venues, which it probes side by side.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost.suite.groups import groups, lane_of, lanes_by_place
from pytest_darkhost.suite.intent import records, sends
from pytest_darkhost.suite.run import RUN, Run

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

    from pytest_darkhost.suite.conclusion import Conclusion


class WorkerHooks:
    """Registered only where pytest-xdist is."""

    def __init__(self, conclusion: "Conclusion") -> None:
        self.conclusion = conclusion
        self.run = conclusion.run
        self.failures = 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: "WorkerController") -> None:
        """Hand each worker the run's id and the file of the common ledger."""
        run = node.config.stash[RUN]
        node.workerinput["darkhost_run_id"] = run.id
        node.workerinput["darkhost_ledger"] = str(run.shared_ledger) if run.live and run.scratch else ""
        node.workerinput["darkhost_recording"] = str(run.recording_directory) if records(run) else ""

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Note what the workers selected: each of them collects all. None of them has sent anything yet."""
        self.conclusion.select(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """At the failure that ends the run, let workers send nothing more: their tests go on for a while."""
        if report.failed and sends(self.run) and not self.run.worker:
            self.failures += 1
            if self.failures == self.run.config.option.maxfail:
                stop_workers(self.run)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the controller where this worker is, and which `conftest.py` files it loaded."""
        run = session.config.stash[RUN]
        if run.worker and sends(run):
            from pytest_darkhost.provenance.files import configuration_files
            from pytest_darkhost.suite.origin import conftests
            from pytest_darkhost.suite.vantages import here

            files = configuration_files(conftests(run.config), run.config.rootpath)
            told = {"vantage": here(run), "files": [(file.name, file.sha256) for file in files]}
            session.config.workeroutput["darkhost"] = told  # type: ignore[attr-defined]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: "WorkerController") -> None:
        """Pass on what a worker told; one that crashed told nothing."""
        told = getattr(node, "workeroutput", {}).get("darkhost")
        if told and self.conclusion.reporting:
            self.conclusion.reporting.hear(told["vantage"], told["files"])

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """Return a scheduler that groups by lane in a live run; `None` leaves the user's `--dist` alone."""
        from xdist.scheduler import LoadScopeScheduling

        run = config.stash[RUN]
        if not run.live:
            return None
        lanes = lanes_by_place(run)

        class LaneScheduling(LoadScopeScheduling):  # type: ignore[misc]
            """`--dist=loadscope` with a group of lanes as scope; any other test is a scope of its own."""

            @cached_property
            def groups(self) -> dict[str, tuple[str, ...]]:
                """The lanes of each one's group, once all workers have collected."""
                return groups(self.collection, lanes, self.numnodes)

            def _split_scope(self, nodeid: str) -> str:
                lane = lane_of(nodeid, lanes)
                return nodeid if lane is None else " ".join(self.groups[lane])

        return LaneScheduling(config, log)


def stop_workers(run: Run) -> None:
    """Let the workers send nothing more: the run ends, and they may not know it yet."""
    from pytest_darkhost.runner.ledger import Ledger

    if not run.worker and run.shared_ledger.is_file():
        with Ledger(run.shared_ledger, None, {}) as ledger:
            ledger.stop()


def together(run: Run, items: Iterable[pytest.Item]) -> dict[str, tuple[str, ...]]:
    """Return the lanes that this worker begins at once, by each of them; empty in a process that is no worker."""
    if not run.worker:
        return {}
    workers = run.config.workerinput["workercount"]  # type: ignore[attr-defined]
    return groups((item.nodeid for item in items), lanes_by_place(run), workers)
