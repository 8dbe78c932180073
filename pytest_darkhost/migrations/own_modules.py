"""
A team's own modules, imported anew by each run of `env.py`, as each `alembic` command would.

A module that makes its engine from an environment variable when it is imported would keep to the first database.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from sqlalchemy import Engine

_INSTALLED = frozenset({"site-packages", "dist-packages"})


@contextmanager
def imported_anew(directory: Path) -> Iterator[None]:
    """
    Forget afterwards what was imported meanwhile from below a directory, and close its engines.

    What is installed there stays.
    """
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            if _is_own(sys.modules[name], directory):
                _forget(name)


def _is_own(module: ModuleType, directory: Path) -> bool:
    file = getattr(module, "__file__", None)
    if not file or module.__name__.partition(".")[0] == __package__.partition(".")[0]:
        return False
    path = Path(file)
    return path.is_relative_to(directory) and not _INSTALLED.intersection(path.parts)


def _forget(name: str) -> None:
    """Take a module out of `sys.modules` and out of its package, where `from package import name` looks first."""
    module = sys.modules.pop(name)
    package, _, last = name.rpartition(".")
    if package in sys.modules and getattr(sys.modules[package], last, None) is module:
        delattr(sys.modules[package], last)
    for value in list(vars(module).values()):
        if isinstance(value, Engine):
            value.dispose()  # its pool would keep the database from being copied
