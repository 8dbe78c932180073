"""
Where pytest looks for specs: what is added to its arguments, and which directory it may not skip by its name.

Paths are compared as they were given, made absolute. A symbolic link is never followed to find a spec's place.
"""

import os
from collections.abc import Generator, Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_darkhost.suite.settings import absolute

if TYPE_CHECKING:
    from pytest_darkhost.suite.run import Run

_NOBODY_NAMED = frozenset({"INVOCATION_DIR", "TESTPATHS"})


def argument_paths(config: pytest.Config) -> tuple[Path, ...]:
    """Return the paths among pytest's arguments, without what follows `::`."""
    parts = (str(argument).split("::", maxsplit=1)[0] for argument in config.args)
    return tuple(dict.fromkeys(absolute(config.invocation_params.dir / part) for part in parts))


def collect_specs_too(run: "Run") -> None:
    """
    Add specs to pytest's arguments where these would not reach them; nothing is added that they reach.

    Added are the files that `--venue` names, and without it the spec directories, if nobody named a path.
    """
    named = argument_paths(run.config)
    run.config.args += [str(path) for path in _missing(run) if not _reached(path, named)]
    run.config.pluginmanager.register(SpecPlaces(run), "darkhost-places")


def _missing(run: "Run") -> tuple[Path, ...]:
    if run.specs.named or _single_files(run.config):
        return ()
    if run.config.option.venue:
        return run.specs.wanted
    source = getattr(getattr(run.config, "args_source", None), "name", "")
    return tuple(place for place in run.specs.directories if place.is_dir()) if source in _NOBODY_NAMED else ()


def _single_files(config: pytest.Config) -> bool:
    """Return whether only files or node ids were named: who picks one test does not pay for a whole venue."""
    return all("::" in str(argument) for argument in config.args) or all(
        path.is_file() for path in argument_paths(config)
    )


def _reached(path: Path, named: Iterable[Path]) -> bool:
    return any(path.is_relative_to(place) for place in named)


class SpecPlaces:
    """Registered for one session: it knows which directories were opened against `norecursedirs`."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.way = frozenset(step for place in run.specs.directories for step in (place, *place.parents))
        self.opened: set[Path] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_ignore_collect(
        self, collection_path: Path, config: pytest.Config
    ) -> Generator[None, bool | None, bool | None]:
        """Do not skip a spec directory for its name; what else is in a directory so opened stays skipped."""
        skipped = yield
        beside = collection_path.parent in self.opened
        if collection_path in self.way and (skipped or beside) and not _told_to_ignore(collection_path, config):
            self.opened.add(collection_path)
            return False
        return True if beside and collection_path not in self.run.specs.wanted else skipped


def _told_to_ignore(path: Path, config: pytest.Config) -> bool:
    here = config.invocation_params.dir
    globs = (*(config.getoption("ignore") or ()), *(config.getoption("ignore_glob") or ()))
    return any(fnmatch(str(path), str(absolute(here / glob))) for glob in globs)


def own_id(path: Path, root: Path) -> dict[str, Any]:
    """Return the id of a file outside the root directory: pytest's own would be empty, the same for all of them."""
    return {} if path.is_relative_to(root) else {"nodeid": Path(os.path.relpath(path, root)).as_posix()}
