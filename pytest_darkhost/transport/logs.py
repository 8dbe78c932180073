"""
Keeps keys out of what the HTTP libraries log while a request runs. The package itself logs nothing.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from pytest_darkhost.secrets import Redactor
from pytest_darkhost.transport.library import Library

_HEADER_LOGGERS = ("hpack.hpack", "hpack.table")
"""At DEBUG these write request headers, also Huffman-coded, where no search finds a key."""


class _Clean(logging.Filter):
    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record through with its text cleaned."""
        record.msg, record.args = self._redactor.clean(record.getMessage()), ()
        return True


class _Drop(logging.Filter):
    def filter(self, _record: logging.LogRecord) -> bool:
        """Let nothing through."""
        return False


@contextmanager
def kept_clean(libraries: Iterable[Library], redactor: Redactor) -> Iterator[None]:
    """Clean the libraries' records, and drop those of header coding, until the context ends; without keys, nothing."""
    if not redactor.knows_keys:
        yield
        return
    clean = _Clean(redactor)
    names = [name for library in libraries for name in _logger_names(library)]
    filters: list[tuple[logging.Logger, logging.Filter]] = [(logging.getLogger(name), clean) for name in names]
    filters += [(logging.getLogger(name), _Drop()) for name in _HEADER_LOGGERS]
    for logger, its_filter in filters:
        logger.addFilter(its_filter)
    try:
        yield
    finally:
        for logger, its_filter in filters:
            logger.removeFilter(its_filter)


def _logger_names(library: Library) -> tuple[str, ...]:
    core = library.core.__name__
    return library.name, *(f"{core}.{part}" for part in ("connection", "http11", "http2", "proxy", "socks"))
