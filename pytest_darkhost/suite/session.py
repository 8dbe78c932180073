"""
The hooks of a session that has venue specs. Registered by `plugin` only then, because it imports heavy libraries.
"""

from collections.abc import Callable, Generator
from typing import Self

import pytest

from pytest_darkhost.checks.case import Source
from pytest_darkhost.errors import UsageError
from pytest_darkhost.suite import own
from pytest_darkhost.suite.conclusion import Conclusion
from pytest_darkhost.suite.intent import records, require_live, runs_tests, sends
from pytest_darkhost.suite.lasting import Lasting
from pytest_darkhost.suite.live import deselect, open_broker, plan_of, prepare_shared_ledger
from pytest_darkhost.suite.log_redaction import redact_logs
from pytest_darkhost.suite.own_tests import parametrize
from pytest_darkhost.suite.places import collect_specs_too
from pytest_darkhost.suite.preflight import check_live, check_names, prepare_managed
from pytest_darkhost.suite.redaction import KeyKeeper
from pytest_darkhost.suite.run import RUN, Run
from pytest_darkhost.suite.selection import could_opt_in
from pytest_darkhost.suite.settings import Settings
from pytest_darkhost.suite.sources import source_of
from pytest_darkhost.suite.xdist import stop_workers


class DarkhostSession:
    """The plugin object of one session."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.conclusion = Conclusion(run)
        self.undo_logs: Callable[[], None] | None = None
        self.own_hooks: frozenset[str] = frozenset()
        self.started = False

    @classmethod
    def configured(cls, config: pytest.Config, settings: Settings) -> Self:
        """Return the plugin object, once everything that a run needs is right. Raises `UsageError`."""
        lasting = Lasting.until_end_of(config)
        lasting.keep()  # what there is already is older than all of ours from now on
        shared = getattr(config, "workerinput", {})
        run = Run(
            config,
            settings,
            live=could_opt_in(config.option.markexpr),
            lasting=lasting,
            shared={
                "run_id": shared.get("darkhost_run_id", ""),
                "ledger": shared.get("darkhost_ledger", ""),
                "recording": shared.get("darkhost_recording", ""),
            },
        )
        config.stash[RUN] = run
        session = cls(run)
        session.prepare()
        return session

    def prepare(self) -> None:
        """Check names and, for a live run, everything else."""
        config, settings = self.run.config, self.run.settings
        require_live(self.run)
        if settings.plan_only:
            _stay_in_one_process(config)
        check_names(self.run)
        collect_specs_too(self.run)
        self.own_hooks = own.hook_places(config)
        _ = self.run.checks
        if config.pluginmanager.has_plugin("xdist"):
            from pytest_darkhost.suite.xdist import WorkerHooks

            config.pluginmanager.register(WorkerHooks(self.conclusion), "darkhost-xdist")
        config.pluginmanager.register(self.conclusion, "darkhost-conclusion")
        if self.run.live:
            self._prepare_live()

    def _prepare_live(self) -> None:
        """Check what a live run needs; switch the JSON report on, and let no key be shown."""
        config = self.run.config
        check_live(self.run)
        if self.run.settings.record:
            from pytest_darkhost.suite import recording

            recording.refuse_partial_run(self.run)
        own.rehearse(self.run.own_probes, [self.run.specs.load(path).spec for path in self.run.specs.wanted])
        if sends(self.run):
            if not self.run.worker and not config.pluginmanager.has_plugin("terminal"):
                msg = "-p no:terminal: nobody would see the verdicts, expected a terminal reporter in a live run"
                raise UsageError(msg)
            self._switch_report_on()
            if getattr(config.option, "dist", "no") != "no" and not self.run.worker:
                prepare_shared_ledger(self.run)
        self.undo_logs = redact_logs(self.run.redactor)
        config.pluginmanager.register(KeyKeeper(config, self.run.redactor), "darkhost-keys")

    def _switch_report_on(self) -> None:
        from pytest_darkhost.suite import report
        from pytest_darkhost.suite.reporting import Reporting

        config, conclusion = self.run.config, self.conclusion
        path = report.switch_on(self.run)
        config.option.json_report_summary = False  # it leaves out the tests, and with them every verdict
        if not self.run.worker:
            conclusion.reporting = Reporting(self.run, conclusion.tally, conclusion.spent, path)
            conclusion.reporting.prepare()
            config.pluginmanager.register(conclusion.reporting, "darkhost-report")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Fetch what managed venues need, once, in the controller, with its output shown."""
        self.started = True
        if sends(self.run) and not self.run.worker:
            prepare_managed(self.run)

    def pytest_plugin_registered(self) -> None:
        """Refuse a hook that comes too late to be called."""
        problem = own.late_hook(self.run.config, self.own_hooks)
        if problem:
            raise pytest.Collector.CollectError(problem) if self.started else pytest.UsageError(problem)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a team's own test once for each target of the chosen venues."""
        parametrize(self.run, metafunc)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect the live items that this session must not run."""
        left_out = deselect(self.run, items)
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            gone = set(map(id, left_out))
            items[:] = [item for item in items if id(item) not in gone]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Keep the garbage collector from searching, again and again, what is being collected."""
        self.run.lasting.keep()
        return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what was selected, once nobody takes more away: cassettes as a whole are judged by it."""
        self.run.lasting.release()
        if runs_tests(self.run) and not self.run.worker:  # the controller asks for all of them
            self.conclusion.select(item.nodeid for item in session.items)

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        """Say what will be sent and what it may cost."""
        if not sends(self.run):
            return []
        from pytest_darkhost.suite.terminal import plan_lines

        return list(plan_lines(self.run, plan_of(self.run, items)))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Open the broker around the items, and stop sending when they end, however they end."""
        if self.run.live and self.run.settings.plan_only:
            plan = plan_of(self.run, session.items)
            from pytest_darkhost.suite import terminal

            terminal.print_plan(session.config.get_terminal_writer(), self.run, plan)
            session.config.option.collectonly = True
            return (yield)
        if sends(self.run) and (not session.testsfailed or session.config.option.continue_on_collection_errors):
            if self.conclusion.reporting:
                self.conclusion.reporting.begin()
            self.run.broker = open_broker(self.run, session.items)
        if runs_tests(self.run) and any(source_of(item) is Source.REPLAY for item in session.items):
            from pytest_darkhost.suite.replay import Replay

            self.run.replay = Replay(self.run, session.items)
            self.run.lasting.keep()
        try:
            return (yield)
        finally:
            self.run.close()
            if sends(self.run):
                stop_workers(self.run)
            if records(self.run) and self.run.broker:
                from pytest_darkhost.suite import recording

                recording.stage(self.run, self.run.broker)

    def pytest_unconfigure(self) -> None:
        """End what is open."""
        self.run.close()
        if self.run.ledger is not None:
            self.run.ledger.close()
        if self.undo_logs:
            self.undo_logs()
        if records(self.run) and not self.run.worker:
            from pytest_darkhost.suite import recording

            recording.discard(self.run)
        if self.run.live and not self.run.worker:
            for ledger in self.run.settings.directory.glob(f"ledger-{self.run.id}.sqlite*"):
                ledger.unlink(missing_ok=True)


def _stay_in_one_process(config: pytest.Config) -> None:
    """Undo pytest-xdist's options: a plan is made by the process that prints it."""
    if hasattr(config.option, "dist"):
        config.option.dist, config.option.tx, config.option.numprocesses = "no", [], 0
