"""
The hooks that keep the report of a run that sends: begun before the first call, put in its place at the very end.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pytest_darkhost.errors import EvidenceError, UsageError
from pytest_darkhost.provenance.files import ConfigurationFile, configuration_files
from pytest_darkhost.suite import report as report_file
from pytest_darkhost.suite.attempts import Attempts
from pytest_darkhost.suite.compact import shorten
from pytest_darkhost.suite.evidence import Evidence
from pytest_darkhost.suite.intent import records
from pytest_darkhost.suite.journal import Journal, journal_path
from pytest_darkhost.suite.origin import conftests, origin_of, with_late_files
from pytest_darkhost.suite.run import Run
from pytest_darkhost.suite.run_record import Ending, opening_record, run_record
from pytest_darkhost.suite.tally import Spent, Tally
from pytest_darkhost.suite.vantages import here


class Reporting:
    """Registered before the report plugin's own `pytest_configure`."""

    def __init__(self, run: Run, tally: Tally, spent: Callable[[], Spent], path: Path | None) -> None:
        self.run = run
        self.path = path
        """Where the report goes; `None` with `--json-report-file=none`."""
        self.problem: str | None = None
        """What is wrong with the report, once it was written."""
        self.recorded: tuple[str, bool] | None = None
        """What to say of a recording, and whether the cassettes were written."""
        self._tally, self._spent = tally, spent
        self._origin = origin_of(run, self._outputs())
        self._attempts = Attempts()
        self._interrupted: str | None = None
        self._journal: Journal | None = None
        self._vantages: list[Mapping[str, Any]] = []
        self._late: list[ConfigurationFile] = []
        self._evidence: Evidence | None = None

    def _outputs(self) -> tuple[Path, ...]:
        """Return what runs write: the reports, the scratch directory and the cassettes."""
        option, settings = self.run.config.option, self.run.settings
        named = (getattr(option, name, None) for name in ("xmlpath", "log_file"))
        reports = (self.path, *(Path.cwd() / Path(name).expanduser() for name in named if name))
        keys = (settings.key, settings.key.with_suffix(".pub")) if settings.key else ()
        return (*filter(None, (*reports, *keys, settings.evidence)), settings.directory, settings.cassettes)

    def prepare(self) -> None:
        """
        Look at all that evidence needs, where it is wanted, and remove the report of an earlier run.

        :raises UsageError: something is not right; the earlier report is still there.
        """
        folder = self.run.settings.evidence
        if folder:
            self._evidence = self._prepared_evidence(folder)
            self.run.config.add_cleanup(self._evidence.release)
        if self.path:
            report_file.clear(self.path)

    def _prepared_evidence(self, folder: Path) -> Evidence:
        if self.path is None:
            msg = "--json-report-file=none: there would be nothing to sign, expected a report. Remove it"
            raise UsageError(msg)
        if self.run.settings.catalog:
            _ = self.run.catalog
        return Evidence.prepared(self.run, folder, opening_record(self.run, self._origin))

    def begin(self) -> None:
        """
        Put a report that says `truncated` in the place, and open the evidence, before anything is sent.

        :raises pytest.UsageError: nothing can be written there.
        """
        if self.path is None:
            return
        record = opening_record(self.run, self._origin)
        try:
            self._journal = Journal(self.path, record)
        except OSError as error:
            for begun in (self.path, journal_path(self.path)):
                with suppress(OSError):
                    begun.unlink(missing_ok=True)
            msg = f"{self.path}: {error.strerror}, expected a place where the report can be written"
            raise pytest.UsageError(msg) from None
        if self._evidence:
            self._open(self._evidence, record)

    def _open(self, evidence: Evidence, record: dict[str, Any]) -> None:
        try:
            evidence.open(record)
        except EvidenceError as error:
            raise pytest.UsageError(*str(error).splitlines()) from None

    def hear(self, vantage: Mapping[str, Any], files: list[tuple[str, str]]) -> None:
        """Take note of what a worker of pytest-xdist says: where it is, and which `conftest.py` files it loaded."""
        self._vantages.append(vantage)
        self._late += [ConfigurationFile(name, sha256) for name, sha256 in files]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write down each test as it finishes."""
        self._attempts.add(report)
        if self._journal:
            self._journal.add(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that the run did not come to its end, and why."""
        said = str(getattr(excinfo.value, "msg", excinfo.value))
        self._interrupted = f"{excinfo.typename}: {said}" if said else excinfo.typename

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Note that something broke outside of the tests."""
        self._interrupted = f"internal error: {excinfo.exconly()}"

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_json_modifyreport(self, json_report: dict[str, Any]) -> None:
        """Complete the JSON report."""
        root = self.run.config.rootpath
        late = [*self._late, *configuration_files(conftests(self.run.config), root)]
        ending = Ending(
            exit_status=int(json_report["exitcode"]),
            interrupted=self._interrupted,
            vantages=tuple(self._vantages) or (here(self.run),),
            attempts=self._attempts,
        )
        origin = with_late_files(self._origin, root, late)
        record = run_record(self.run, origin, self._tally, self._spent(), ending)
        report_file.complete(json_report, self.run, record)
        shorten(json_report)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, None, None]:
        """Have the report written beside its place, and put there once everybody has finished."""
        option, given = self.run.config.option, self.run.config.option.json_report_file
        if self.path:
            option.json_report_file = str(report_file.draft_path(self.path, self.run.id))
        try:
            yield
        finally:
            option.json_report_file = given
        if self.path:
            self._publish(session, self.path)
        self._record(session)

    def _publish(self, session: pytest.Session, path: Path) -> None:
        indented = self.run.config.option.json_report_indent is not None
        place, self.problem = report_file.publish(path, self.run.id, indented=indented)
        if self._journal:
            self._journal.close(remove=self.problem is None)
            self.problem = self.problem or self._journal.problem
        if self._evidence:
            self._evidence.close(place)
        if self.problem or (self._evidence and self._evidence.problem):
            report_file.failed(session)

    def _record(self, session: pytest.Session) -> None:
        """Put cassettes in place when all is well."""
        if records(self.run):
            from pytest_darkhost.suite import recording

            self.recorded = recording.commit(self.run, self._tally, int(session.exitstatus))
            if not self.recorded[1]:
                report_file.failed(session)

    def pytest_unconfigure(self) -> None:
        """Close the journal of a session that broke before it was finished."""
        if self._journal:
            self._journal.close(remove=False)

    def say(self, writer: Any) -> None:
        """Print where the report is, or what is wrong with it."""
        if self.recorded:
            writer.line(self.recorded[0], red=not self.recorded[1])
        shown = self.run.shown(self.path) if self.path else "none (json-report-file=none)"
        writer.line(self.problem or f"report: {shown}", red=bool(self.problem))
        for line, bad in self._evidence.lines() if self._evidence else ():
            writer.line(line, red=bad)
