"""
The last line of defence: keys are taken out of reports and log records. The first is that nothing holds one.
"""

import logging
from collections.abc import Callable

import pytest

from pytest_darkhost.secrets import Redactor


def redact_report(report: pytest.TestReport | pytest.CollectReport, redactor: Redactor) -> None:
    """Take keys out of a report's texts, so that terminal, JUnit XML and JSON report have none."""
    if report.longrepr is not None and redactor.found_in(_text(report)):
        if isinstance(report.longrepr, tuple):
            report.longrepr = redactor.clean(report.longrepr)
        else:
            report.longrepr = redactor.clean(report.longreprtext)
    report.sections = [(redactor.clean(name), redactor.clean(text)) for name, text in report.sections]


def _text(report: pytest.TestReport | pytest.CollectReport) -> str:
    return " ".join(map(str, report.longrepr)) if isinstance(report.longrepr, tuple) else report.longreprtext


def redact_logs(redactor: Redactor) -> Callable[[], None]:
    """
    Make every log record lose its keys, and return what undoes that.

    HTTP/2 libraries log header blocks at DEBUG. A record factory reaches all handlers, live logs and log
    files included, which a filter on a logger does not.
    """
    original = logging.getLogRecordFactory()

    def factory(*args: object, **kwargs: object) -> logging.LogRecord:
        record = original(*args, **kwargs)
        try:
            message = record.getMessage()
        except Exception:
            return record
        if redactor.found_in(message):
            record.msg, record.args = redactor.clean(message), ()
        return record

    logging.setLogRecordFactory(factory)

    def undo() -> None:
        if logging.getLogRecordFactory() is factory:
            logging.setLogRecordFactory(original)

    return undo
