"""
A measured figure against its budget: the one rule that all latency checks share.

What is measured of which call is `latency` and `pace`; the statistics are `samples`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from pytest_darkhost.checks.availability import Trouble, not_planned, trouble
from pytest_darkhost.checks.samples import Side, side, summary
from pytest_darkhost.checks.texts import number
from pytest_darkhost.observations import Clock, Observation
from pytest_darkhost.verdicts import JSON, Failed, NotJudged, Passed, ReasonCode, Verdict

FREE_LAG_MS = 10.0
"""Lateness of our own event loop that never spoils a sample: two beats of its heartbeat."""
LAG_SHARE = 0.1
"""The share of the time allowed for what is measured that our own loop may be late."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A budget and how its figure is named."""

    what: str
    """`median of the warm chats`."""
    key: str
    """The budget's key in the spec, `warm_ms`."""
    value: float | None
    """`None` where the spec sets none."""
    unit: str = "ms"
    figure: str = "{}_ms"
    """Names of the figures: `median_ms`."""
    at_least: bool = False
    """The budget is a lower bound."""

    @property
    def expected(self) -> str:
        """The budget in words."""
        limit = "" if self.value is None else f" {number(self.value)} {self.unit}"
        return f"{self.what} {'at least' if self.at_least else 'at most'}{limit}"


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured value and how late our own event loop was meanwhile."""

    value: float
    """In the unit of the bound."""
    lag_ms: float
    allowed_ms: float = 0.0
    """The time that the budget allows for what was measured."""

    @property
    def usable(self) -> bool:
        """Whether the client was idle enough for the value to be the venue's."""
        return self.lag_ms <= max(FREE_LAG_MS, LAG_SHARE * self.allowed_ms) and isfinite(self.value)


def lag_of(observation: Observation) -> float:
    """Return how late our own event loop was during a call, in ms."""
    return 0.0 if observation.exchange is None else observation.exchange.loop_lag_ms


def lag_on_last_byte(observation: Observation) -> float:
    """
    Return the lag that can be in the time of a response's last byte, in ms.

    None where the kernel stamped it, whatever our loop did meanwhile, unless the set-up of a TLS session, which we
    stamp ourselves, is part of what is measured.
    """
    exact = _by_kernel(observation) and observation.timeline.tls_ms is None
    return 0.0 if exact else lag_of(observation)


def lag_on_first_token(observation: Observation) -> float:
    """
    Return the lag that can be in the time of the first token, in ms.

    The kernel's stamp of bytes that waited for us together is that of the last of them. A token that came alone has
    its own, whatever our loop did meanwhile.
    """
    at_ms = observation.timeline.first_token_ms
    alone = sum(delta.at_ms == at_ms for delta in observation.deltas) == 1
    return 0.0 if alone and _by_kernel(observation) else lag_of(observation)


def _by_kernel(observation: Observation) -> bool:
    return observation.exchange is not None and observation.exchange.clock is Clock.KERNEL


def lost_of(calls: Sequence[Observation], measured: Sequence[Observation]) -> int:
    """Return how many calls gave no sample although our own event loop was on time."""
    kept = {id(observation) for observation in measured}
    return sum(id(call) not in kept and lag_of(call) <= FREE_LAG_MS for call in calls)


def rounded(value: float) -> float:
    """Return a value for the report, with three decimals."""
    return round(value, 3)


def figures_of(bound: Bound, values: Sequence[float], busy: int) -> dict[str, JSON]:
    """Return the figures of the usable values; `n_client_busy` counts those that our own lag spoiled."""
    figures: dict[str, JSON] = {"n": len(values), "n_client_busy": busy}
    named: dict[str, float | None] = {"budget": bound.value}
    if values:
        told = summary(values)
        named |= {"median": told.median, "min": told.minimum, "max": told.maximum}
        named |= {"median_low": told.low, "median_high": told.high}
        figures[bound.figure.format("samples")] = [rounded(value) for value in values]
    figures |= {bound.figure.format(name): rounded(value) for name, value in named.items() if value is not None}
    return figures


def _measured(bound: Bound, values: Sequence[float]) -> str:
    told, unit = summary(values), bound.unit
    if told.n == 1:
        return f"{number(told.median)} {unit} (n=1)"
    ends = f"{number(told.minimum)} to {number(told.maximum)}"
    return f"{number(told.median)} {unit} (n={told.n}, {ends} {unit})"


def _by_side(bound: Bound, budget: float, values: Sequence[float]) -> Verdict:
    actual = _measured(bound, values)
    match side(values, budget, at_least=bound.at_least):
        case Side.WITHIN:
            return Passed(bound.expected, actual)
        case Side.OUTSIDE:
            return Failed(bound.expected, actual)
        case Side.ACROSS:
            return NotJudged(ReasonCode.TOO_CLOSE, f"{actual}: on both sides of the budget, {bound.expected}")


def _without_values(samples: Sequence[Sample], nothing: str) -> NotJudged:
    if not samples:
        return NotJudged(ReasonCode.TOO_FEW_SAMPLES, nothing)
    worst = number(max(sample.lag_ms for sample in samples))
    return NotJudged(ReasonCode.CLIENT_BUSY, f"our own event loop was up to {worst} ms late in each of {len(samples)}")


def within(
    bound: Bound,
    calls: Sequence[Observation],
    samples: Sequence[Sample],
    unread: Callable[[Observation], Trouble | None],
    *,
    nothing: str,
    names: Sequence[str],
    lost: int = 0,
) -> Verdict:
    """
    Return whether samples keep a budget, with their figures whatever the verdict.

    A failed call fails the check even where the others keep the budget; without a budget nothing is judged.

    :param calls: all calls that were to be measured.
    :param samples: what the good ones of them gave.
    :param unread: why a call gave nothing.
    :param nothing: the reason given when good calls gave no sample at all.
    :param names: the probes, for a case in which none was planned.
    :param lost: calls that gave no sample for another reason than our own lag: a venue could hide its slow ones there.
    """
    values = [sample.value for sample in samples if sample.usable]
    figures = figures_of(bound, values, len(samples) - len(values))
    found = trouble(calls, unread)
    verdict: Verdict
    if bound.value is None:
        verdict = NotJudged(ReasonCode.NOT_APPLICABLE, f"no budget for {bound.key} in the spec")
    elif not calls:
        verdict = not_planned(*names)
    elif found:
        verdict = found
    elif values and lost:
        words = f"{lost} of {len(calls)} calls gave no sample, expected one of each"
        verdict = NotJudged(ReasonCode.TOO_FEW_SAMPLES, words)
    else:
        verdict = _by_side(bound, bound.value, values) if values else _without_values(samples, nothing)
    return replace(verdict, figures=figures)
