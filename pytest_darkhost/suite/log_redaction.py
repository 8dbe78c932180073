"""
Keys are taken out of log records as they are made. Reports have `redaction`.
"""

import logging
from collections.abc import Callable

from pytest_darkhost.secrets import Redactor

_PLAIN = logging.Formatter()


def redact_logs(redactor: Redactor) -> Callable[[], None]:
    """
    Make every log record lose its keys, and return what undoes that.

    HTTP/2 libraries log header blocks at DEBUG. A record factory reaches all handlers, live logs and log
    files included, which a filter on a logger does not.
    """
    original = logging.getLogRecordFactory()

    def factory(*args: object, **kwargs: object) -> logging.LogRecord:
        record = original(*args, **kwargs)
        _clean_message(record, redactor)
        _clean_traceback(record, redactor)
        return record

    logging.setLogRecordFactory(factory)

    def undo() -> None:
        if logging.getLogRecordFactory() is factory:
            logging.setLogRecordFactory(original)

    return undo


def _clean_message(record: logging.LogRecord, redactor: Redactor) -> None:
    try:
        message = record.getMessage()
    except Exception:
        # The arguments do not fit the message: `logging` would print both.
        record.msg, record.args = redactor.clean(str(record.msg)), redactor.clean(record.args)
        return
    if redactor.found_in(message):
        record.msg, record.args = redactor.clean(message), ()


def _clean_traceback(record: logging.LogRecord, redactor: Redactor) -> None:
    """Render a traceback that shows a key now: a handler would do it later, from the exception itself."""
    if record.stack_info:
        record.stack_info = redactor.clean(record.stack_info)
    if not record.exc_info or record.exc_info[0] is None:
        return
    text = _PLAIN.formatException(record.exc_info)
    if redactor.found_in(text):
        record.exc_text, record.exc_info = redactor.clean(text), None
