"""How long a user waits from the command to the first request at the venue."""

import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from sqlalchemy import URL

from benchmarks.commands import Command, interleaved, workplace
from benchmarks.figures import Figure
from benchmarks.projects import write_plain
from benchmarks.stand_ins import stand_ins
from pytest_darkhost import variables
from support.history import upgraded

_GOAL_S = 1.5


def to_first_request(repeats: int) -> Iterator[Figure]:
    """Yield the time without and with a catalog against its goal, and against what pytest needs for a single test."""
    with workplace() as (directory, environment):
        write_plain(directory / "plain", 1)
        plain = Command(directory / "plain", ("-q",), environment)
        numbers = count()
        with_catalog = environment | {variables.CATALOG_URL: _catalog(directory)}

        def first_request_s(environment: dict[str, str]) -> float:
            return _first_request_s(directory / str(next(numbers)), environment)

        first_request_s(with_catalog)  # fills the byte code cache
        plain.run()
        wall = interleaved(
            repeats,
            {
                "no catalog": lambda: first_request_s(environment),
                "catalog": lambda: first_request_s(with_catalog),
                "plain": lambda: _wall_s(plain),
            },
        )
    for name in ("no catalog", "catalog"):
        what = f"command to first request, {name}"
        yield Figure("to_first_request", what, "wall s", wall[name], "goal", (_GOAL_S,), 1.0)
        yield Figure("to_first_request", what, "wall s", wall[name], "pytest, one test", wall["plain"])


def _catalog(directory: Path) -> str:
    """Make an SQLite catalog with the package's own history and no row for the stand-in; return its URL."""
    path = directory / "catalog.sqlite"
    url = URL.create("sqlite", database=str(path))
    upgraded(url, "head")
    return url.render_as_string()


def _first_request_s(directory: Path, environment: dict[str, str]) -> float:
    with stand_ins(directory, venues=1, models=1, delay_ms=0) as (server,):
        started_ns = time.perf_counter_ns()
        Command(directory, ("-q", "-m", "live", "--venue=venue-0"), environment).run(0, 1)
        return (server.log[0].at_ns - started_ns) / 1e9


def _wall_s(command: Command) -> float:
    started_ns = time.perf_counter_ns()
    command.run()
    return (time.perf_counter_ns() - started_ns) / 1e9
