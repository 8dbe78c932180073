"""
The exit codes of all sub-commands, and what makes a refusal one of what was typed.
"""

from collections.abc import Generator
from contextlib import contextmanager

from pytest_darkhost.errors import ArgumentError, EvidenceError

FINE = 0
"""All is well."""
REFUSED = 1
"""Something is wrong with what was looked at or asked for."""
USAGE = 2
"""The command line cannot be used, or names nothing that there is."""


@contextmanager
def typed() -> Generator[None]:
    """Take what is refused inside, such as a file that holds no key, for a mistake in what was typed."""
    try:
        yield
    except EvidenceError as error:
        raise ArgumentError(str(error)) from None
