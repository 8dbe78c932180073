"""
A team's own modules, imported anew for each database in which `env.py` is run, and by nobody else.

A module that makes its engine from an environment variable when it is imported would keep to the first database.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from sqlalchemy import Engine

_INSTALLED = frozenset({"site-packages", "dist-packages"})


@contextmanager
def imported_anew(directory: Path, kept: dict[str, ModuleType] | None = None) -> Iterator[None]:
    """
    Forget afterwards what was imported meanwhile from below a directory, and close its engines.

    What is installed there stays.

    :param kept: modules that were forgotten before and serve again, since nothing they read has changed; those that are
        forgotten now are put into it.
    """
    kept = {} if kept is None else kept
    before = set(sys.modules)
    _remember(kept)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            if _is_own(sys.modules[name], directory):
                kept[name] = sys.modules[name]
                _forget(name)


def _is_own(module: ModuleType, directory: Path) -> bool:
    file = getattr(module, "__file__", None)
    if not file or module.__name__.partition(".")[0] == __package__.partition(".")[0]:
        return False
    path = Path(file)
    return path.is_relative_to(directory) and not _INSTALLED.intersection(path.parts)


def _remember(kept: Mapping[str, ModuleType]) -> None:
    """Put modules back where they were, packages first, unless somebody has imported them by now."""
    for name in sorted(kept):
        if sys.modules.setdefault(name, kept[name]) is kept[name]:
            package, _, last = name.rpartition(".")
            if package in sys.modules:
                setattr(sys.modules[package], last, kept[name])


def _forget(name: str) -> None:
    """Take a module out of `sys.modules` and out of its package, where `from package import name` looks first."""
    module = sys.modules.pop(name)
    package, _, last = name.rpartition(".")
    if package in sys.modules and getattr(sys.modules[package], last, None) is module:
        delattr(sys.modules[package], last)
    for value in list(vars(module).values()):
        if isinstance(value, Engine):
            value.dispose()  # its pool would keep the database from being copied
