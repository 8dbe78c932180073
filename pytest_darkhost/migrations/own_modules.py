"""
A team's own modules, imported anew for each database in which `env.py` is run, and by nobody else.

A module that makes its engine from an environment variable when it is imported would keep to the first database. A
base on which all declare their tables is imported anew, too: it would refuse those of a module that is.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from sqlalchemy import Engine

_INSTALLED = frozenset({"site-packages", "dist-packages"})
_SHARED = "sqlmodel"
"""A package that has such a base, whoever uses it."""
_REGISTERED = re.compile(r"\bduplicat|\balready\b", re.IGNORECASE)


@contextmanager
def imported_anew(directory: Path, kept: dict[str, ModuleType] | None = None) -> Iterator[None]:
    """
    Forget afterwards what was imported meanwhile from below a directory, and close its engines.

    What is installed there stays.

    :param kept: modules that were forgotten before and serve again, since nothing they read has changed; those that are
        forgotten now are put into it.
    """
    kept = {} if kept is None else kept
    aside = _set_aside()
    before = set(sys.modules)
    _remember(kept)
    try:
        yield
    finally:
        met = set(sys.modules) - before
        gone = {name: sys.modules[name] for name in met if _is_shared(name) or _is_own(sys.modules[name], directory)}
        _forget(gone)
        kept |= gone
        sys.modules.update(aside)


def refuses_again(error: BaseException, environ: Mapping[str, str]) -> bool:
    """
    Return whether an error sounds like that of a module that can be imported once: it enters itself somewhere.

    :param environ: variables that `env.py` is told; without them nothing is imported anew.
    """
    return bool(environ) and _REGISTERED.search(str(error)) is not None


def _set_aside() -> dict[str, ModuleType]:
    """Take the package of a shared base out of `sys.modules`, unless somebody has declared tables on it by now."""
    base = getattr(sys.modules.get(_SHARED), "SQLModel", None)
    if base is None or base.metadata.tables:
        return {}
    return {name: sys.modules.pop(name) for name in list(sys.modules) if _is_shared(name)}


def _is_shared(name: str) -> bool:
    return name.partition(".")[0] == _SHARED


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


def _forget(gone: Mapping[str, ModuleType]) -> None:
    """
    Take modules out of `sys.modules`, and out of packages that stay, where `from package import name` looks first.

    Packages that go with them are as they were, for those who have imported them.
    """
    for name in gone:
        del sys.modules[name]
    for name, module in gone.items():
        package, _, last = name.rpartition(".")
        if package in sys.modules and getattr(sys.modules[package], last, None) is module:
            delattr(sys.modules[package], last)
        for value in list(vars(module).values()):
            if isinstance(value, Engine):
                value.dispose()  # its pool would keep the database from being copied
