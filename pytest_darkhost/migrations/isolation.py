"""
What surrounds a run of a team's `env.py`: the directory in which `alembic` is started, its environment, its noise kept.

Logging stays as it was: `fileConfig` in the stock `env.py` would disable all loggers and close all handlers.
"""

import io
import logging
import logging.config
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from pytest_darkhost.migrations.own_modules import imported_anew


@dataclass(slots=True)
class Noise:
    """What was printed, and what was warned of."""

    output: io.StringIO = field(default_factory=io.StringIO)
    heard: "list[warnings.WarningMessage]" = field(default_factory=list)

    @property
    def size(self) -> tuple[int, int]:
        """How much that is since the last time."""
        return self.output.tell(), len(self.heard)

    def taken(self) -> tuple[str, tuple[str, ...]]:
        """Return what was printed and what was warned of since the last time."""
        text = self.output.getvalue()
        self.output.seek(0)
        self.output.truncate()
        said = tuple(f"{each.category.__name__}: {each.message}" for each in self.heard)
        self.heard.clear()
        return text, said


@contextmanager
def surroundings(
    directory: Path, environ: Mapping[str, str], kept: dict[str, ModuleType] | None = None
) -> Iterator[Noise]:
    """
    Yield what is heard while a team's code runs from a directory, with these environment variables besides.

    :param kept: see `imported_anew`; of one place and the same variables.
    """
    noise = Noise()
    with (
        chdir(directory),
        variables(environ),
        imported_anew(directory, kept) if environ else nullcontext(),
        _logging_kept(),
        redirect_stdout(noise.output),
        redirect_stderr(noise.output),
        _nothing_to_read(),
        warnings.catch_warnings(record=True) as noise.heard,
    ):
        warnings.simplefilter("default")
        yield noise


@contextmanager
def put_back() -> Iterator[None]:
    """Put back afterwards what `surroundings` puts back, where more is run in them. Used as a decorator, too."""
    with (
        chdir(Path.cwd()),
        _logging_kept(),
        redirect_stdout(sys.stdout),
        redirect_stderr(sys.stderr),
        _nothing_to_read(),
        warnings.catch_warnings(),
    ):
        yield


@contextmanager
def _nothing_to_read() -> Iterator[None]:
    """Let what asks somebody, and is seen by nobody, end with `EOFError`: nobody would answer."""
    before, sys.stdin = sys.stdin, io.StringIO()
    try:
        yield
    finally:
        sys.stdin = before


@contextmanager
def variables(further: Mapping[str, str]) -> Iterator[None]:
    """Have these environment variables besides, or instead of others of the same name."""
    before = {name: os.environ.get(name) for name in further}
    os.environ.update(further)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _logging_kept() -> Iterator[None]:
    """Let configurations of logging do nothing, and put back what was configured otherwise."""
    calls = {name: getattr(logging.config, name) for name in ("fileConfig", "dictConfig")}
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    for name in calls:
        setattr(logging.config, name, _ignored)
    try:
        yield
    finally:
        for name, call in calls.items():
            setattr(logging.config, name, call)
        root.handlers[:] = handlers
        root.setLevel(level)


def _ignored(*_: Any, **__: Any) -> None:
    """Stand for `fileConfig` and `dictConfig`."""
