"""
What became of a run, as its producer is told once it is closed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_darkhost.evidence.chain import Chain
from pytest_darkhost.evidence.judging import Judgement
from pytest_darkhost.evidence.unfit import Unfit


@dataclass(frozen=True, slots=True)
class Closing:
    """A run that is closed."""

    line: int
    """The number of the line that closes it."""
    head: str
    """SHA-256 of that line: what is to be noted elsewhere."""
    result: str
    """`PASSED`, `WARNED` or `FAILED`."""
    unfit: tuple[Unfit, ...]
    """Why the run is no evidence; nothing when it is."""
    counts: Mapping[str, int]
    """Of node ids by list: `passed`, `warned`, `failed`, `not_applicable`, `not_run`."""
    path: Path
    """The report's copy in the folder."""


def closing_of(chain: Chain, judged: Judgement, copy: Path) -> Closing:
    """Return what became of the run that the last line of a chain closes."""
    outcomes = judged.outcomes
    counts = {name: len(getattr(outcomes, name)) for name in outcomes.__slots__}
    return Closing(chain.length, chain.head, outcomes.result, judged.unfit, counts, copy)
