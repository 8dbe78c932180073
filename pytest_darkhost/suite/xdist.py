"""
Side by side with pytest-xdist: all tests of a venue go to one worker, so that no probe is sent twice.
"""

from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost.suite.intent import records, sends
from pytest_darkhost.suite.run import RUN, Run

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

    from pytest_darkhost.suite.conclusion import Conclusion


class WorkerHooks:
    """Registered only where pytest-xdist is."""

    def __init__(self, conclusion: "Conclusion") -> None:
        self.conclusion = conclusion

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
        lanes = _lanes(run)

        class LaneScheduling(LoadScopeScheduling):  # type: ignore[misc]
            """`--dist=loadscope` with the lane of a spec as scope; any other test is a scope of its own."""

            def _split_scope(self, nodeid: str) -> str:
                return lane_of(nodeid, lanes)

        return LaneScheduling(config, log)


def _lanes(run: Run) -> dict[str, str]:
    """Return the lane by spec file stem and by `venue/slug`, as they occur in node ids."""
    loaded = [run.load(path) for path in run.wanted]
    by_file = {item.path.name: item.spec.lane for item in loaded}
    by_target = {f"[{target.id}]": item.spec.lane for item in loaded for target in item.spec.targets}
    return by_file | by_target


def lane_of(nodeid: str, lanes: dict[str, str]) -> str:
    """Return the group of a node id: its lane, or the node id itself."""
    path, _, rest = nodeid.partition("::")
    by_file = lanes.get(path.rsplit("/", maxsplit=1)[-1])
    if by_file:
        return by_file
    bracket = rest[rest.find("[") :] if "[" in rest else ""
    targets = (name for name in lanes if name.startswith("[") and name[1:-1] in bracket)
    longest = max(targets, key=len, default=None)
    return lanes[longest] if longest else nodeid
