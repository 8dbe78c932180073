"""
The hooks of a session that has venue specs. Registered by `plugin` only then, because it imports heavy libraries.
"""

import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Self

import pytest

from pytest_darkhost.errors import DarkhostError, UsageError
from pytest_darkhost.suite import own, report
from pytest_darkhost.suite.items import CheckItem
from pytest_darkhost.suite.live import (
    deselect,
    is_live,
    open_broker,
    opened_ledger,
    plan_of,
    refuse_unknown_needs,
    target_of,
)
from pytest_darkhost.suite.log_redaction import redact_logs
from pytest_darkhost.suite.options import Settings
from pytest_darkhost.suite.places import collect_specs_too
from pytest_darkhost.suite.preflight import check_live, check_names, prepare_managed
from pytest_darkhost.suite.record import PROPERTY, own_test_record, record
from pytest_darkhost.suite.redaction import KeyKeeper, redact_report
from pytest_darkhost.suite.run import RUN, Run
from pytest_darkhost.suite.selection import could_opt_in
from pytest_darkhost.suite.tally import Spent, Tally, exit_status
from pytest_darkhost.verdicts import Failed, NotJudged

_NO_RUN = (
    "collectonly",
    "setuponly",
    "setupplan",
    "showfixtures",
    "show_fixtures_per_test",
    "markers",
    "cacheshow",
)
"""Options with which pytest runs no test."""


class DarkhostSession:
    """The plugin object of one session."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.tally = Tally()
        self.report_path: Path | None = None
        self.problem: str | None = None
        self.undo_logs: Callable[[], None] | None = None
        self.own_hooks: frozenset[str] = frozenset()
        self.started = False

    @classmethod
    def configured(cls, config: pytest.Config, settings: Settings) -> Self:
        """Return the plugin object, once everything that a run needs is right. Raises `UsageError`."""
        live = could_opt_in(config.option.markexpr)
        shared = getattr(config, "workerinput", {})
        run = Run(
            config,
            settings,
            live=live,
            shared={"run_id": shared.get("darkhost_run_id", ""), "ledger": shared.get("darkhost_ledger", "")},
        )
        config.stash[RUN] = run
        session = cls(run)
        session.prepare()
        return session

    def prepare(self) -> None:
        """Check names and, for a live run, everything else; switch the JSON report on."""
        config, settings = self.run.config, self.run.settings
        if settings.plan_only:
            if not self.run.live:
                msg = "--darkhost-plan: no live items selected, expected a live run to plan. Add -m live"
                raise UsageError(msg)
            _stay_in_one_process(config)
        check_names(self.run)
        collect_specs_too(self.run)
        self.own_hooks = own.hook_places(config)
        _ = self.run.checks
        if not self.run.live:
            return
        check_live(self.run)
        own.rehearse(self.run.own_probes, [self.run.load(path).spec for path in self.run.wanted])
        if self.sends:
            if not self.run.worker and not config.pluginmanager.has_plugin("terminal"):
                msg = "-p no:terminal: nobody would see the verdicts, expected a terminal reporter in a live run"
                raise UsageError(msg)
            self.report_path = report.switch_on(self.run)
            config.option.json_report_summary = False  # it leaves out the tests, and with them every verdict
            config.pluginmanager.register(ReportWitness(self), "darkhost-report")
        self.undo_logs = redact_logs(self.run.redactor)
        config.pluginmanager.register(KeyKeeper(config, self.run.redactor), "darkhost-keys")
        if config.pluginmanager.has_plugin("xdist"):
            from pytest_darkhost.suite.xdist import WorkerHooks

            config.pluginmanager.register(WorkerHooks(), "darkhost-xdist")

    @property
    def sends(self) -> bool:
        """Whether this session may send anything: it runs tests, and live ones were asked for."""
        option = self.run.config.option
        return self.run.live and not self.run.settings.plan_only and not any(getattr(option, n, 0) for n in _NO_RUN)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Fetch what managed venues need, once, in the controller, with its output shown."""
        self.started = True
        if self.sends and not self.run.worker:
            prepare_managed(self.run)

    def pytest_plugin_registered(self) -> None:
        """Refuse a hook that comes too late to be called."""
        problem = own.late_hook(self.run.config, self.own_hooks)
        if problem:
            raise pytest.Collector.CollectError(problem) if self.started else pytest.UsageError(problem)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run a team's own test once for each target of the chosen venues."""
        if "darkhost_target" in metafunc.fixturenames:
            refuse_unknown_needs(self.run, metafunc.definition)
            try:
                targets = [target for path in self.run.wanted for target in self.run.load(path).spec.targets]
            except DarkhostError as error:
                raise pytest.Collector.CollectError(str(error)) from None
            marks = [pytest.mark.live] if "darkhost_observations" in metafunc.fixturenames else []
            params = [pytest.param(target, id=target.id, marks=marks) for target in targets]
            metafunc.parametrize("darkhost_target", params)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect the live items that this session must not run."""
        left_out = deselect(self.run, items)
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            gone = set(map(id, left_out))
            items[:] = [item for item in items if id(item) not in gone]

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        """Say what will be sent and what it may cost."""
        if not self.sends:
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
        if self.sends and (not session.testsfailed or session.config.option.continue_on_collection_errors):
            self.run.broker = open_broker(self.run, plan_of(self.run, session.items))
        try:
            return (yield)
        finally:
            self.run.close()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give a team's own test its `darkhost` object, a skip its place in the spec, and no report a key."""
        if isinstance(item, CheckItem):
            _note_unjudged(item, call)
        elif call.when == "call" and is_live(item):
            _note_own_test(item, call)
        result = yield
        if isinstance(item, CheckItem) and isinstance(result.longrepr, tuple):
            result.longrepr = (str(item.loaded.path), item.spec_line, result.longrepr[2])
        redact_report(result, self.run.redactor)
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather what the tests concluded."""
        if not self.run.worker:
            self.tally.add(report)

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Complete the JSON report."""
        report.complete(json_report, self.run, self.tally, self.spent())

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Never exit with 0 when nothing was proved."""
        if self.sends and not self.run.worker:
            session.exitstatus = exit_status(self.tally, int(session.exitstatus), self.run.settings.accept_not_judged)
        yield

    def spent(self) -> Spent:
        """Return what was sent and what it cost, as the ledger has it."""
        with opened_ledger(self.run) as ledger:
            return Spent(ledger.calls(), ledger.by_venue_usd()) if ledger else Spent(0, {})

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """Print the tables, what failed, what was left, and where the report is."""
        if not self.sends:
            return
        from pytest_darkhost.suite import terminal

        terminalreporter.section("darkhost", "=")
        writer = config.get_terminal_writer()
        terminal.print_tables(writer, self.tally, self.spent())
        if config.option.tbstyle == "no":
            terminal.print_failures(writer, self.tally)
        terminal.print_left(writer, self.tally.unaccepted(self.run.settings.accept_not_judged))
        for line in _not_run(self.run):
            writer.line(line)
        unread = self.spent().calls - self.tally.calls()
        if unread > 0:
            writer.line(f"{unread} of {self.spent().calls} calls were sent, and read by no test", yellow=True)
        if not any(True for _ in self.tally.judged()):
            writer.line("nothing was judged: no live check passed or failed", red=True)
        writer.line(self.problem or f"report: {_shown(self.report_path, config.rootpath)}", red=bool(self.problem))

    def pytest_unconfigure(self) -> None:
        """End what is open."""
        self.run.close()
        if self.run.ledger is not None:
            self.run.ledger.close()
        if self.undo_logs:
            self.undo_logs()
        if self.run.live and not self.run.worker:
            for ledger in self.run.settings.directory.glob(f"ledger-{self.run.id}.sqlite*"):
                ledger.unlink(missing_ok=True)


class ReportWitness:
    """Looks whether the report is there once everybody else has finished, but before the summary is printed."""

    def __init__(self, session: DarkhostSession) -> None:
        self.session = session

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Never exit with 0 when the report is missing."""
        if not self.session.run.worker:
            self.session.problem = report.verify_written(self.session.report_path, self.session.run, session)


def _note_unjudged(item: CheckItem, call: pytest.CallInfo[None]) -> None:
    """Give an item that ended before it had a verdict its `darkhost` object: it must not look as if it had passed."""
    if call.excinfo is None or any(name == PROPERTY for name, _ in item.user_properties):
        return
    said = next(iter(call.excinfo.exconly(tryshort=True).splitlines()), "")
    skipped = call.excinfo.errisinstance(pytest.skip.Exception)
    verdict = NotJudged("skipped", str(call.excinfo.value)) if skipped else Failed("a verdict", f"it broke: {said}")
    item.user_properties.append((PROPERTY, json.dumps(record(item, verdict))))


def _note_own_test(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    from pytest_darkhost.observations import Observations

    seen = getattr(item, "funcargs", {}).get("darkhost_observations", Observations({}))
    if not isinstance(seen, Observations):
        return
    data = own_test_record(item, call.excinfo is None, seen, target_of(item))
    if call.excinfo and call.excinfo.errisinstance(pytest.skip.Exception):
        data |= {"verdict": "not_judged", "reason_code": "skipped", "actual": str(call.excinfo.value)}
    item.user_properties.append((PROPERTY, json.dumps(data)))


def _stay_in_one_process(config: pytest.Config) -> None:
    """Undo pytest-xdist's options: a plan is made by the process that prints it."""
    if hasattr(config.option, "dist"):
        config.option.dist, config.option.tx, config.option.numprocesses = "no", [], 0


def _not_run(run: Run) -> list[str]:
    loaded = [run.load(path) for path in run.wanted]
    return [
        f"not run: {item.spec.venue} ({' or '.join(item.spec.credential_env)} not set or malformed)"
        for item in loaded
        if not item.spec.managed and not run.runnable(item)
    ]


def _shown(path: Path | None, root: Path) -> str:
    if path is None:
        return "none (json-report-file=none)"
    absolute = Path.cwd() / path
    return str(absolute.relative_to(root)) if absolute.is_relative_to(root) else str(path)
