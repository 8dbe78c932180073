"""What evidence adds to a live run of about a thousand tests: to all of it, and between its last test and its end."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks.commands import Command, workplace
from benchmarks.figures import Figure
from benchmarks.projects import models_for
from benchmarks.stand_ins import stand_ins
from pytest_darkhost.evidence.keys import write_new
from support.repository import commit_all

_TESTS = 1000
_VENUES = 4
_DELAY_MS = 5.0
_GOAL = 1.05
_END_S = 0.3
_ENDS = "ends.txt"
_CONFTEST = f"""
import time
import pytest


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish():
    started = time.perf_counter()
    result = yield
    with open(".darkhost/{_ENDS}", "w") as file:
        file.write(str(time.perf_counter() - started))
    return result
"""


def evidence_run(repeats: int) -> Iterator[Figure]:
    """Yield the ratio of a run with evidence to one without, and what it adds at the end over 0.3 s."""
    with workplace() as (directory, environment):
        project, key = directory / "project", directory / "darkhost.pem"
        write_new(key, None)
        with stand_ins(project, venues=_VENUES, models=_models(), delay_ms=_DELAY_MS):
            (project / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
            commit_all(project)
            plain = Command(project, ("-q", "-m", "live"), environment)
            signed = ("--darkhost-evidence=evidence", f"--darkhost-key={key}", "--darkhost-evidence-record")
            proved = Command(project, (*plain.arguments, *signed), environment)
            _times(plain)  # compiles what both import
            pairs = [(_times(plain), _times(proved)) for _ in range(repeats)]
    what = f"a live run of about {_TESTS} tests on {_VENUES} stand-ins"
    walls, ends = ([(one[place], two[place]) for one, two in pairs] for place in (0, 1))
    yield Figure(
        "evidence run", what, "wall s", tuple(b for _, b in walls), "without", tuple(a for a, _ in walls), _GOAL
    )
    added = tuple(b - a for a, b in ends)
    yield Figure("evidence run", f"{what}: added at the end", "wall s", added, "0.3 s", (_END_S,), 1.0)


def _models() -> int:
    """Return how many models each venue needs; half of what is collected is live."""
    return models_for(2 * _TESTS, _VENUES)


def _times(command: Command) -> tuple[float, float]:
    """Return the seconds of a run, and of its end; a busy stand-in may fail checks, which proves nothing here."""
    started = perf_counter()
    command.run(0, 1)
    took = perf_counter() - started
    return took, float(Path(command.directory / ".darkhost" / _ENDS).read_text(encoding="utf-8"))
