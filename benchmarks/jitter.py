"""How much calls to one venue differ: what was recorded, and what was composed after it."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import TypeAlias

Draw: TypeAlias = Callable[[random.Random, int], list[float]]
"""Gives so many values in the order in which calls are made, relative to their median."""

_RECORDED = Path(__file__).with_suffix(".json")
_MEASURES = ("ttft_ms", "warm_ms", "inter_token_latency_ms")
_SPREADS = (0.1, 0.2, 0.3, 0.4)
_STALL, _STALLS = 10.0, 0.02


def draws() -> Mapping[str, Draw]:
    """Return the distributions by name, which says where each is from."""
    return dict(
        [*_recorded(), *((f"composed, log sd {spread}", _lognormal(spread)) for spread in _SPREADS), _stalling()]
    )


def _recorded() -> Iterator[tuple[str, Draw]]:
    runs = json.loads(_RECORDED.read_text(encoding="utf-8"))["runs"]
    for name, run in runs.items():
        series = [_relative(run[measure]) for measure in _MEASURES]
        yield f"recorded, {name}, at any time", _scattered(series)
        yield f"recorded, {name}, in a row", _consecutive(series)


def _relative(values: list[float]) -> list[float]:
    middle = median(values)
    return [value / middle for value in values]


def _scattered(series: list[list[float]]) -> Draw:
    return lambda source, n: source.sample(source.choice(series), n)


def _consecutive(series: list[list[float]]) -> Draw:
    """Draw neighbours: slow calls come in bunches, and a bunch says nothing of the median over a longer time."""

    def draw(source: random.Random, n: int) -> list[float]:
        values = source.choice(series)
        start = source.randrange(len(values) - n + 1)
        return values[start : start + n]

    return draw


def _lognormal(spread: float) -> Draw:
    return lambda source, n: [source.lognormvariate(0.0, spread) for _ in range(n)]


def _stalling() -> tuple[str, Draw]:
    calm = _lognormal(0.15)

    def draw(source: random.Random, n: int) -> list[float]:
        return [value * (_STALL if source.random() < _STALLS else 1.0) for value in calm(source, n)]

    return f"composed, log sd 0.15, one in {1 / _STALLS:.0f} takes {_STALL:.0f} times as long", draw
