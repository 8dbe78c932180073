"""
The last line of defence: keys are taken out of what pytest shows and writes. The first is that nothing holds one.

Log records have `log_redaction`. Out of reach is what does not pass through pytest: a test's own output under `-s`.
"""

import json
import warnings
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pytest_darkhost.secrets import Redactor
from pytest_darkhost.suite.record import PROPERTY


def redact_report(
    report: pytest.TestReport | pytest.CollectReport, redactor: Redactor, *, clean: frozenset[str] = frozenset()
) -> None:
    """
    Take keys out of a report's texts, so that terminal, JUnit XML and JSON report have none.

    :param clean: names of the properties that are known to hold none.
    """
    if not redactor.knows_keys:
        return
    if report.longrepr is not None and redactor.found_in(_text(report)):
        if isinstance(report.longrepr, tuple):
            report.longrepr = redactor.clean(report.longrepr)
        else:
            report.longrepr = redactor.clean(report.longreprtext)
    report.sections = [(redactor.clean(name), redactor.clean(text)) for name, text in report.sections]
    if isinstance(report, pytest.TestReport):
        report.user_properties = [
            (name, value) if name in clean else _clean_property(name, value, redactor)
            for name, value in report.user_properties
        ]
        if hasattr(report, "wasxfail"):
            report.wasxfail = redactor.clean(report.wasxfail)


def _text(report: pytest.TestReport | pytest.CollectReport) -> str:
    return " ".join(map(str, report.longrepr)) if isinstance(report.longrepr, tuple) else report.longreprtext


def _clean_property(name: str, value: Any, redactor: Redactor) -> tuple[str, Any]:
    """Return a property without keys. JUnit XML shows any value as `str` does."""
    if not redactor.found_in(f"{name} {value}"):
        return name, value
    if name == PROPERTY:
        # Cleaned inside, so that it stays JSON whatever the key looks like.
        return name, json.dumps(redactor.clean(json.loads(value)))
    cleaned = redactor.clean(value)
    return redactor.clean(name), redactor.clean(str(value)) if redactor.found_in(str(cleaned)) else cleaned


def redact_exception(error: BaseException, redactor: Redactor) -> None:
    """Take keys out of the text of an exception that ends the run, such as that of `pytest.exit`."""
    if not redactor.found_in(f"{error} {error.args}"):
        return
    error.args = tuple(redactor.clean(str(argument)) for argument in error.args)
    if isinstance(error, pytest.exit.Exception):
        error.msg = redactor.clean(str(error.msg))


def redact_warning(recorded: warnings.WarningMessage, redactor: Redactor) -> None:
    """Put a message of the same category without keys in the place of one that shows some."""
    message = recorded.message
    arguments = getattr(message, "args", ())
    if redactor.found_in(f"{message} {arguments}"):
        recorded.message = _warning(recorded.category, redactor.clean(str(message)), redactor)


def _warning(category: type[Warning], text: str, redactor: Redactor) -> Warning:
    try:
        made = category(text)
        shown = str(made)
    except Exception:  # A category of somebody else's may take other arguments.
        return Warning(text)
    return Warning(text) if redactor.found_in(shown) else made


class KeyKeeper:
    """The hooks that clean what is no test report. Registered in live runs, once every spec was read."""

    def __init__(self, config: pytest.Config, redactor: Redactor) -> None:
        self.config = config
        self.redactor = redactor

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Clean errors of collection, and what was printed meanwhile."""
        result = yield
        redact_report(result, self.redactor)
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_parametrize_id(self, val: object) -> str | None:
        """Give a parameter that is a key an id that does not show it."""
        return self.redactor.clean(val) if isinstance(val, str) and self.redactor.found_in(val) else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """Clean a warning before the terminal, the JSON report or the controller reads it."""
        redact_warning(warning_message, self.redactor)

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Clean the reason of `pytest.exit`; show no arguments of functions where one is a key."""
        redact_exception(excinfo.value, self.redactor)
        if self.config.option.fulltrace and self.redactor.found_in(str(excinfo.getrepr(funcargs=True))):
            self.config.option.fulltrace = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: Any) -> None:
        """Clean what broke outside a test: its text is all that anybody reads."""
        text = str(excrepr)
        if self.redactor.found_in(text):
            lines = self.redactor.clean(text).splitlines()
            excrepr.toterminal = lambda writer: [writer.line(line) for line in lines]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Generator[None, None, None]:
        """Clean the JUnit XML, which has ids and attributes that no hook sees."""
        yield
        path = getattr(self.config.option, "xmlpath", None)
        if path and not hasattr(self.config, "workerinput"):
            _clean_file(Path(path).expanduser(), self.redactor)


def _clean_file(path: Path, redactor: Redactor) -> None:
    if path.is_file() and redactor.found_in(text := path.read_text(encoding="utf-8")):
        path.write_text(redactor.clean(text), encoding="utf-8")
