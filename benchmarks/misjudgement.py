"""
How often a venue that really is at 80 % or at 120 % of its budget is judged wrongly, by the real checks.

*Really* means the median of its calls. A verdict of `too_close` or `client_busy` is not wrong: it claims nothing.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.figures import Figure
from benchmarks.jitter import Draw, draws
from checks.factory import BUDGET, make_case, make_model
from pytest_darkhost.checks.bounds import FREE_LAG_MS, LAG_SHARE
from pytest_darkhost.checks.case import Case
from pytest_darkhost.checks.latency import latency_warm
from pytest_darkhost.checks.pace import throughput, ttft
from pytest_darkhost.observations import Observation, Observations, Timeline
from pytest_darkhost.probes import ProbeName
from pytest_darkhost.specs.target_settings import Samples
from pytest_darkhost.verdicts import Failed, Passed, Verdict

_PER, _MUST = 1000, 5
"""At most so many of so many runs: 1 in 200."""
_RUNS = 1000
"""Of each case, for each sample that was asked for."""
_NUMBERS = (3, Samples().stream, 9)
"""The default is the middle one."""
_LEVELS = (0.8, 1.2)
_TTFT_MS = BUDGET.ttft_ms or 0.0
_DECODING_MS = 1000 * 20 / (BUDGET.tokens_per_second_min or 1.0)
"""For the 21 tokens of a composed stream, at the budget's pace."""
_WARM_MS = BUDGET.warm_ms or 0.0
_CHECKS = {"latency_warm": latency_warm, "ttft": ttft, "throughput": throughput}


@dataclass(slots=True)
class Tally:
    """What became of the runs of one case."""

    runs: int = 0
    wrong: int = 0
    not_judged: int = 0

    def count(self, verdict: Verdict, level: float) -> None:
        """Count a verdict on a venue whose calls take this share of their budget."""
        self.runs += 1
        self.wrong += isinstance(verdict, Failed if level < 1 else Passed)
        self.not_judged += not isinstance(verdict, (Failed, Passed))


def misjudgement(repeats: int) -> Iterator[Figure]:
    """Yield the share of wrong verdicts by jitter and number of samples, against 1 in 200."""
    for name, draw in draws().items():
        for n in _NUMBERS:
            yield _figure(f"{name}, {_words(n)}", draw, n, repeats * _RUNS)
    for n in _NUMBERS:
        name = f"composed, log sd 0.1, our own loop as late as is accepted, {_words(n)}"
        yield _figure(name, draws()["composed, log sd 0.1"], n, repeats * _RUNS, late=True)


def _words(n: int) -> str:
    return f"n={n}{', the default' if n == Samples().stream else ''}"


def _figure(what: str, draw: Draw, n: int, runs: int, *, late: bool = False) -> Figure:
    source, base = random.Random(what), _case(n)
    worst, unsaid = 0.0, 0.0
    for level in _LEVELS:
        tallies = {name: Tally() for name in _CHECKS}
        for _ in range(runs // len(_LEVELS)):
            case = _drawn(base, [level * value for value in draw(source, n)], source if late else None)
            for name, check in _CHECKS.items():
                tallies[name].count(check(case), level)
        worst = max(worst, *(tally.wrong / tally.runs for tally in tallies.values()))
        unsaid = max(unsaid, *(tally.not_judged / tally.runs for tally in tallies.values()))
    # A venue whose level changes while it is measured has no level to be judged by: no goal.
    goal = None if what.startswith("recorded") and "in a row" in what else 1.0
    words = f"{what}: wrong verdicts ({unsaid:.0%} not judged)"
    return Figure("misjudgement", words, f"of {_PER}", (_PER * worst,), "1 in 200", (_MUST,), goal)


def _case(n: int) -> Case:
    return make_case(make_model(samples=Samples(warm=0, stream=n)))


def _drawn(base: Case, shares: list[float], late: random.Random | None) -> Case:
    """Return the case whose streams take these shares of the time that their budgets allow."""
    streams = base.observations[ProbeName.STREAM]
    seen = tuple(_stream(stream, share, late) for stream, share in zip(streams, shares, strict=True))
    return replace(base, observations=Observations({ProbeName.STREAM: seen}))


def _stream(stream: Observation, share: float, late: random.Random | None) -> Observation:
    lag_ms = late.uniform(0, max(FREE_LAG_MS, LAG_SHARE * _TTFT_MS)) if late else 0.0
    first_ms = _TTFT_MS * share + lag_ms
    decoding_ms = _DECODING_MS * share + lag_ms
    assert stream.exchange is not None
    timeline = Timeline(first_token_ms=first_ms, last_token_ms=first_ms + decoding_ms, end_ms=_WARM_MS * share + lag_ms)
    return replace(stream, timeline=timeline, exchange=replace(stream.exchange, loop_lag_ms=lag_ms))
