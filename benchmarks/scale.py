"""
Whether many targets cost as much each as few do: planned, collected and probed against loopback venues.

Ten targets a venue. What grows faster than the number of targets has a ratio above 1.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks.clocked_venues import serving, write_project
from benchmarks.commands import workplace
from benchmarks.figures import Figure

_MODELS = 10
_FEW, _MANY = 10, 50
_SCHEDULE = (5.0, 5, 1.0)
_CHECKS = "chat_shape or stream_shape or stream_terminates or usage or latency or ttft"
_GOAL = 1.15
_LIVE = ("-m", "live", "-k", _CHECKS, "-o", "darkhost_max_cost_usd=100")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took."""

    wall_s: float
    cpu_s: float
    """Of the whole command, its workers included."""
    peak_mb: float
    """Of the largest of its processes."""
    calls: int
    connections: int


def scale(repeats: int) -> Iterator[Figure]:
    """Yield the figures for 100 and 500 targets, in one process and in two workers."""
    with workplace() as (directory, environment):
        numbers = count()

        def run(venues: int, *arguments: str) -> Cost:
            return _run(directory / str(next(numbers)), environment, venues, arguments)

        run(1, *_LIVE)  # fills the byte code cache
        rounds = [
            {
                "plan": (run(_FEW, "--collect-only", *_LIVE), run(_MANY, "--collect-only", *_LIVE)),
                "probed": (run(_FEW, *_LIVE), run(_MANY, *_LIVE)),
                "probed by 2 workers": (run(_FEW, "-n", "2", *_LIVE), run(_MANY, "-n", "2", *_LIVE)),
            }
            for _ in range(repeats)
        ]
    yield from _figures(rounds)


def _run(directory: Path, environment: Mapping[str, str], venues: int, arguments: tuple[str, ...]) -> Cost:
    with serving(_SCHEDULE, venues) as (ports, ended):
        write_project(directory, ports, streams=1, models=_MODELS, capabilities=("stream",))
        line = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments]
        started_s = time.perf_counter()
        with subprocess.Popen(line, cwd=directory, env=dict(environment), stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        wall_s = time.perf_counter() - started_s
        served = ended()
    if process.returncode not in {0, 1}:
        msg = f"{' '.join(line)}: exit code {process.returncode}, expected 0 or 1"
        raise RuntimeError(msg)
    return Cost(
        wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, len(served["log"]), served["connections"]
    )


def _figures(rounds: list[dict[str, tuple[Cost, Cost]]]) -> Iterator[Figure]:
    times = _MANY / _FEW
    for name in rounds[0]:
        pairs = [each[name] for each in rounds]
        what, yardstick = f"{_MANY * _MODELS} targets, {name}", f"{_FEW * _MODELS} targets, {times:.0f} times"
        cpu = tuple(many.cpu_s for _, many in pairs)
        yield Figure("scale", what, "CPU s", cpu, yardstick, tuple(few.cpu_s * times for few, _ in pairs), _GOAL)
        wall = tuple(many.wall_s for _, many in pairs)
        yield Figure("scale", what, "wall s", wall, yardstick, tuple(few.wall_s * times for few, _ in pairs), _GOAL)
        peak = tuple(many.peak_mb for _, many in pairs)
        yield Figure("scale", what, "MB", peak, f"{_FEW * _MODELS} targets", tuple(few.peak_mb for few, _ in pairs))
        if pairs[0][1].calls:
            opened = tuple(float(many.connections) for _, many in pairs)
            bound = (float(_MANY * (_MODELS + 1)),)
            yield Figure("scale", what, "connections", opened, "one a target and venue", bound, 1.0)
