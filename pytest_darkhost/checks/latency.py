"""
How long whole chats take: the first on a connection of its own, the following on the open one, and their ratio.
"""

from dataclasses import replace
from statistics import median

from pytest_darkhost.checks.availability import problem
from pytest_darkhost.checks.bounds import Bound, Sample, lag_of, rounded, within
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.target import budget_of, seen
from pytest_darkhost.observations import Observation
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.verdicts import Verdict

NOT_FRESH = "the connection was not fresh"
NOT_OPEN = "no warm chat went over an open connection"


def _on_connection(observation: Observation, *, fresh: bool) -> bool:
    connection = observation.exchange.connection if observation.exchange else None
    return connection is not None and connection.fresh is fresh


def _durations(case: Case, name: ProbeName, *, fresh: bool) -> list[tuple[Observation, float]]:
    """Return the good calls of a probe on a connection of this kind, with their end in ms."""
    good = [o for o in seen(case, name) if problem(o) is None and _on_connection(o, fresh=fresh)]
    return [(o, o.timeline.end_ms) for o in good if o.timeline.end_ms is not None]


def _chats(case: Case, name: ProbeName, bound: Bound, nothing: str) -> Verdict:
    allowed = bound.value or 0.0
    timed = _durations(case, name, fresh=name is ProbeName.COLD)
    samples = [Sample(ms, lag_of(observation), allowed) for observation, ms in timed]
    return within(bound, seen(case, name), samples, problem, nothing=nothing, names=(name,))


def latency_cold(case: Case) -> Verdict:
    """Return whether the first chat, with name resolution, TCP and TLS set-up, ends within `cold_ms`."""
    bound = Bound("the cold chat", "cold_ms", budget_of(case).cold_ms)
    return _chats(case, ProbeName.COLD, bound, NOT_FRESH)


def latency_warm(case: Case) -> Verdict:
    """
    Return whether the median chat on the open connection ends within `warm_ms`.

    A chat that had to open a connection of its own is no warm sample.
    """
    bound = Bound("median of the warm chats", "warm_ms", budget_of(case).warm_ms)
    return _chats(case, ProbeName.WARM, bound, NOT_OPEN)


def cold_to_warm(case: Case) -> Verdict:
    """Return whether the cold chat takes at most `cold_to_warm_ratio_max` times the median warm chat."""
    bound = Bound(
        "cold chat over the median warm chat",
        "cold_to_warm_ratio_max",
        budget_of(case).cold_to_warm_ratio_max,
        unit="times",
        figure="ratio_{}",
    )
    cold = _durations(case, ProbeName.COLD, fresh=True)
    warm = [(o, ms) for o, ms in _durations(case, ProbeName.WARM, fresh=False) if ms > 0]
    samples = [
        Sample(cold_ms / warm_ms, max(lag_of(first), lag_of(then)), warm_ms)
        for first, cold_ms in cold
        for then, warm_ms in warm
    ]
    calls = seen(case, ProbeName.COLD, ProbeName.WARM)
    nothing = NOT_OPEN if cold else NOT_FRESH
    names = (ProbeName.COLD, ProbeName.WARM)
    verdict = within(bound, calls, samples, problem, nothing=nothing, names=names)
    times = {"cold_ms": [ms for _, ms in cold], "warm_median_ms": [ms for _, ms in warm]}
    medians = {name: rounded(median(values)) for name, values in times.items() if values}
    return replace(verdict, figures={**verdict.figures, **medians})
