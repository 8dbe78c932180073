"""
The HTTP library in use: the one module of the package that names it.

Everything else takes a `Library`, so that moving from httpx to its maintained successor httpx2, which has the
same interface, is one line: `default_library`.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType

from pytest_darkhost.errors import UsageError


@dataclass(frozen=True, slots=True)
class Library:
    """An HTTP library and the core that moves its bytes."""

    httpx: ModuleType
    """`httpx` or `httpx2`."""
    core: ModuleType
    """`httpcore` or `httpcore2`."""

    @property
    def name(self) -> str:
        """`httpx` or `httpx2`."""
        return self.httpx.__name__


@contextmanager
def _kept_out(name: str) -> Iterator[None]:
    """
    Keep a module from being imported meanwhile.

    httpx imports its own command line, where click, rich and pygments are installed: a third of all that it imports.
    """
    if name in sys.modules:
        yield
        return
    # This is how the import system is told that there is no such module.
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


@cache
def httpx_library() -> Library:
    """Return httpx, which the project depends on."""
    with _kept_out("httpx._main"):
        return Library(import_module("httpx"), import_module("httpcore"))


@cache
def httpx2_library() -> Library:
    """
    Return httpx2, which the SDKs of OpenAI and Anthropic use.

    :raises UsageError: when it is not installed.
    """
    try:
        return Library(import_module("httpx2"), import_module("httpcore2"))
    except ImportError as error:
        msg = f"httpx2: {error.name} is not installed, expected it because an adapter asks for it. Install httpx2"
        raise UsageError(msg) from None


def default_library() -> Library:
    """Return the library that our own requests go through."""
    return httpx_library()
