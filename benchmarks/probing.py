"""Whether venues are probed side by side: the time of all over the time that the slowest needs by itself."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from benchmarks.commands import Command, workplace
from benchmarks.figures import Figure
from benchmarks.stand_ins import stand_ins
from support.venue_server import VenueServer

_MODELS = 3
_DELAY_MS = 300.0
_GOAL = 1.3


def probing(repeats: int) -> Iterator[Figure]:
    """Yield the figures for 6 and for 12 venues of 3 models, each answer taking 300 ms."""
    for venues in (6, 12):
        with workplace() as (directory, environment):
            runs = [_run(directory / str(number), environment, venues) for number in range(repeats)]
        walls, own = zip(*runs, strict=True)
        what = f"{venues} venues of {_MODELS} models, {_DELAY_MS:.0f} ms an answer"
        yield Figure("probing", what, "wall s", walls, "the slowest venue's own time", own, _GOAL)


def _run(directory: Path, environment: dict[str, str], venues: int) -> tuple[float, float]:
    """Return the seconds from the first request to the last answer, and the slowest venue's own, as servers saw it."""
    with stand_ins(directory, venues=venues, models=_MODELS, delay_ms=_DELAY_MS) as servers:
        Command(directory, ("-q", "-m", "live"), environment).run()
        return _wall_s(servers), max(len(server.log) for server in servers) * _DELAY_MS / 1e3


def _wall_s(servers: Sequence[VenueServer]) -> float:
    times = [seen.at_ns for seen in chain.from_iterable(server.log for server in servers)]
    # A request is logged when it has arrived; the last of them is answered after the delay.
    return (max(times) - min(times)) / 1e9 + _DELAY_MS / 1e3
