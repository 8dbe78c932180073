"""A figure with its yardstick and its goal, and the table that shows figures."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

_SMALL = 0.1
"""Below it, two decimals would say too little."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, and against what."""

    benchmark: str
    what: str
    unit: str
    """`CPU s`, `wall s`."""
    samples: tuple[float, ...]
    yardstick: str
    """What the yardstick is, in words."""
    yardstick_samples: tuple[float, ...]
    goal: float | None = None
    """The largest ratio that is good enough; `None`: for information."""

    @property
    def ratio(self) -> float:
        """Median over median."""
        return median(self.samples) / median(self.yardstick_samples)

    @property
    def verdict(self) -> str:
        """`met`, `missed`, or empty where there is no goal."""
        if self.goal is None:
            return ""
        return "met" if self.ratio <= self.goal else "missed"

    def as_json(self) -> dict[str, Any]:
        """Return the figure with its ratio, for the JSON file."""
        return asdict(self) | {"ratio": round(self.ratio, 4), "verdict": self.verdict}


def show(figures: Iterable[Figure]) -> None:
    """Print the table."""
    table = Table("benchmark", "what", "median", "yardstick", "median", "ratio", "goal", "")
    for figure in figures:
        table.add_row(
            figure.benchmark,
            figure.what,
            _spread(figure.samples, figure.unit),
            figure.yardstick,
            _spread(figure.yardstick_samples, figure.unit),
            f"{figure.ratio:.2f}",
            "" if figure.goal is None else f"{figure.goal:.2f}",
            figure.verdict,
        )
    Console(width=180).print(table)


def _spread(samples: Sequence[float], unit: str) -> str:
    if len(set(samples)) == 1:
        return f"{_number(samples[0])} {unit}"
    return f"{_number(median(samples))} {unit} ({_number(min(samples))} to {_number(max(samples))})"


def _number(value: float) -> str:
    return f"{value:.2g}" if 0 < abs(value) < _SMALL else f"{value:.2f}"
