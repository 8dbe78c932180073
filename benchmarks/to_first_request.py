"""How long a user waits from the command to the first request at the venue."""

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.commands import Command, interleaved, workplace
from benchmarks.figures import Figure
from benchmarks.projects import write_plain
from benchmarks.stand_ins import stand_ins

_GOAL_S = 1.5


def to_first_request(repeats: int) -> Iterator[Figure]:
    """Yield the time against its goal, and against what pytest needs to run a single test."""
    with workplace() as (directory, environment):
        write_plain(directory / "plain", 1)
        plain = Command(directory / "plain", ("-q",), environment)
        _first_request_s(directory / "warm-up", environment)
        plain.run()
        numbers = iter(range(repeats))
        wall = interleaved(
            repeats,
            {
                "first request": lambda: _first_request_s(directory / str(next(numbers)), environment),
                "plain": lambda: _wall_s(plain),
            },
        )
    seconds = wall["first request"]
    yield Figure("to_first_request", "command to first request", "wall s", seconds, "goal", (_GOAL_S,), 1.0)
    yield Figure("to_first_request", "command to first request", "wall s", seconds, "pytest, one test", wall["plain"])


def _first_request_s(directory: Path, environment: dict[str, str]) -> float:
    with stand_ins(directory, venues=1, models=1, delay_ms=0) as (server,):
        started_ns = time.perf_counter_ns()
        Command(directory, ("-q", "-m", "live", "--venue=venue-0"), environment).run()
        return (server.log[0].at_ns - started_ns) / 1e9


def _wall_s(command: Command) -> float:
    started_ns = time.perf_counter_ns()
    command.run()
    return (time.perf_counter_ns() - started_ns) / 1e9
