"""Runs pytest in a process of its own, as a user would, and says what it took."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from support.keys import KEY
from support.spec_factory import KEY_ENV

_SETTINGS_OF_THE_CALLER = ("DARKHOST_CATALOG_URL", "PYTEST_ADDOPTS", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


@dataclass(frozen=True, slots=True)
class Command:
    """pytest with arguments in a directory."""

    directory: Path
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    python: str = sys.executable

    def run(self, *expected: int) -> str:
        """Return what was printed. Raises `RuntimeError` when the exit code is none of those expected."""
        line = [self.python, "-m", "pytest", "-p", "no:cacheprovider", *self.arguments]
        done = subprocess.run(
            line, cwd=self.directory, env=dict(self.environment), capture_output=True, text=True, check=False
        )
        if done.returncode not in (expected or (0,)):
            msg = f"{' '.join(line)}: exit code {done.returncode}, expected {expected or 0}\n{done.stdout}{done.stderr}"
            raise RuntimeError(msg)
        return done.stdout

    def cpu_s(self) -> float:
        """Return the CPU seconds, user and system, of one run with its output thrown away."""
        before = _children_cpu_s()
        line = [self.python, "-m", "pytest", "-p", "no:cacheprovider", *self.arguments]
        subprocess.run(line, cwd=self.directory, env=dict(self.environment), stdout=subprocess.DEVNULL, check=True)
        return _children_cpu_s() - before


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@contextmanager
def workplace() -> Iterator[tuple[Path, dict[str, str]]]:
    """
    Yield an empty directory and the environment of the commands that run below it.

    Byte code is cached there, as on every machine whose user has not turned the cache off.
    """
    left_out = {*_SETTINGS_OF_THE_CALLER, *_PROXIES, *(name.lower() for name in _PROXIES)}
    with TemporaryDirectory(prefix="darkhost-benchmark-") as name:
        environment = {key: value for key, value in os.environ.items() if key not in left_out}
        yield Path(name), environment | {"PYTHONPYCACHEPREFIX": f"{name}/pycache", KEY_ENV: KEY}


def interleaved(repeats: int, measures: Mapping[str, Callable[[], float]]) -> dict[str, tuple[float, ...]]:
    """Return the samples of each measure: one of each in turn, so that a busy machine slows all alike."""
    rounds = [{name: measure() for name, measure in measures.items()} for _ in range(repeats)]
    return {name: tuple(each[name] for each in rounds) for name in measures}
