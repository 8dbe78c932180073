"""
The hooks that gather what the tests concluded, and say it: reports, exit code, summary.
"""

from collections.abc import Generator, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost.suite.cassette_rules import CassetteRules, needs_none
from pytest_darkhost.suite.intent import records, runs_tests, sends
from pytest_darkhost.suite.items import CheckItem
from pytest_darkhost.suite.live import opened_ledger
from pytest_darkhost.suite.notes import lacks_cassette, note_own_test, note_unjudged
from pytest_darkhost.suite.record import PROPERTY
from pytest_darkhost.suite.redaction import redact_report
from pytest_darkhost.suite.run import Run
from pytest_darkhost.suite.sources import source_of
from pytest_darkhost.suite.tally import Spent, Tally, exit_status, nothing_replayed

if TYPE_CHECKING:
    from pytest_darkhost.suite.reporting import Reporting

_OWN = frozenset({PROPERTY})


class Conclusion:
    """The second plugin object of a session."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.tally = Tally()
        self.selected: frozenset[str] = frozenset()
        """Ids of the items that were to run, under pytest-xdist those of its workers."""
        self.reporting: Reporting | None = None
        """Of a run that sends, in the controller."""
        self.cassette_problems: list[str] = []

    def select(self, nodeids: Iterable[str]) -> None:
        """Note which items are to run. Raises `pytest.UsageError` when a part of what is recorded is not among them."""
        self.selected = frozenset(nodeids)
        if records(self.run):
            from pytest_darkhost.suite import recording

            recording.refuse_partial_targets(self.run, self.selected)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give a team's own test its `darkhost` object, a skip its place in the spec, and no report a key."""
        if isinstance(item, CheckItem):
            note_unjudged(item, call)
        elif (source := source_of(item)) and (call.when == "call" or lacks_cassette(call)):
            note_own_test(item, call, source)
        result = yield
        if isinstance(item, CheckItem) and isinstance(result.longrepr, tuple):
            result.longrepr = (str(item.loaded.path), item.spec_line, result.longrepr[2])
        # A record of our own is cleaned where it is made.
        redact_report(result, self.run.redactor, clean=_OWN if isinstance(item, CheckItem) else frozenset())
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Gather what the tests concluded."""
        if not self.run.worker:
            self.tally.add(report)

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Complete the JSON report of a session that sends nothing, if one was asked for."""
        if self.reporting is None:
            from pytest_darkhost.suite.report import complete
            from pytest_darkhost.suite.run_record import Ending, run_record

            record = run_record(self.run, {}, self.tally, self.spent(), Ending(int(json_report["exitcode"])))
            complete(json_report, self.run, record)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Never exit with 0 when nothing was proved, or a cassette is not as it must be."""
        if sends(self.run) and not self.run.worker:
            session.exitstatus = exit_status(self.tally, int(session.exitstatus), self.run.settings.accept_not_judged)
        if runs_tests(self.run) and not self.run.worker:
            self._judge_cassettes(session)
        yield

    def _judge_cassettes(self, session: pytest.Session) -> None:
        self.cassette_problems = CassetteRules(self.run, self.selected).problems(self.tally)
        if nothing_replayed(self.tally, partial(needs_none, self.run)):
            self.cassette_problems.append("nothing was judged: no replayed check passed or failed")
        if session.exitstatus == pytest.ExitCode.OK and self.cassette_problems:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def spent(self) -> Spent:
        """Return what was sent and what it cost, as the ledger has it."""
        with opened_ledger(self.run) as ledger:
            return Spent(ledger.calls(), ledger.by_venue_usd()) if ledger else Spent(0, {})

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        """Print the tables, what failed, what was left, and where the report is."""
        if runs_tests(self.run):
            from pytest_darkhost.suite.replay_summary import print_replay

            print_replay(terminalreporter, self.run, self.tally, self.cassette_problems)
        if not sends(self.run):
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
        if self.reporting:
            self.reporting.say(writer)


def _not_run(run: Run) -> list[str]:
    loaded = [run.specs.load(path) for path in run.specs.wanted]
    return [
        f"not run: {item.spec.venue} ({' or '.join(item.spec.credential_env)} not set or malformed)"
        for item in loaded
        if not item.spec.managed and not run.runnable(item)
    ]
