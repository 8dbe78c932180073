"""
What runs measured of a target, as points that can be compared: over runs, and over venues that serve one model.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pytest_darkhost import semconv
from pytest_darkhost.report_page.check_rows import CheckRow, Word
from pytest_darkhost.report_page.runs import Run
from pytest_darkhost.report_page.texts import decimal, name, objects


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a check."""

    title: str
    unit: str
    check: str
    median: str
    """The name of the figure; those of its least, its greatest and its budget."""
    least: str
    greatest: str
    budget: str


def _in_ms(title: str, check: str) -> Measure:
    return Measure(title, "ms", check, "median_ms", "min_ms", "max_ms", "budget_ms")


MEASURES = (
    _in_ms("cold chat", "latency_cold"),
    _in_ms("warm chat", "latency_warm"),
    _in_ms("TTFT", "ttft"),
    Measure(
        "throughput",
        "tokens/s",
        "throughput",
        "tokens_per_second_median",
        "tokens_per_second_min",
        "tokens_per_second_max",
        "tokens_per_second_budget",
    ),
    Measure("cost", "USD", "cost", "cost_usd", "cost_usd", "cost_usd", ""),
)


@dataclass(frozen=True, slots=True)
class Point:
    """One measure of one target in one run."""

    line: str
    """That of the run."""
    target: str
    model: str
    """What names the model over venues."""
    measure: Measure
    median: float
    least: float
    greatest: float
    budget: float | None
    word: Word


@dataclass(frozen=True, slots=True)
class Series:
    """A measure of a target over runs, the oldest first."""

    measure: Measure
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """All measures of a target over runs."""

    target: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Rivals:
    """One model on several venues: the newest points of each."""

    model: str
    targets: tuple[str, ...]
    points: tuple[Point, ...]


def points_of(run: Run) -> tuple[Point, ...]:
    """Return all that a live run measured."""
    return tuple(_points(run.rows, run.line, _models(run.rows)))


def _points(rows: Iterable[CheckRow], line: str, models: dict[str, str]) -> Iterator[Point]:
    by_check = {measure.check: measure for measure in MEASURES}
    for row in rows:
        measure = by_check.get(row.check)
        if measure is None or row.source != "live":
            continue
        median = decimal(row.figures.get(measure.median))
        if median is None:
            continue
        target = f"{row.venue}/{row.model}"
        values = [decimal(row.figures.get(each)) for each in (measure.least, measure.greatest)]
        least, greatest = (median if value is None else value for value in values)
        budget = decimal(row.figures.get(measure.budget))
        yield Point(line, target, models.get(target, row.model), measure, median, least, greatest, budget, row.word)


def _models(rows: Iterable[CheckRow]) -> dict[str, str]:
    """Return what names the model of each target over venues: its logical slug, else the end of its upstream name."""
    found: dict[str, str] = {}
    for row in rows:
        logical = row.data.get("logical_slug")
        asked = (probe.get(semconv.GEN_AI_REQUEST_MODEL) for probe in objects(row.data.get("probes")))
        upstream = next((each for each in asked if isinstance(each, str)), None) if not logical else None
        said = logical if isinstance(logical, str) else upstream and upstream.rpartition("/")[2].lower()
        if said:
            found.setdefault(f"{row.venue}/{row.model}", name(said))
    return found


def courses(points: Sequence[Point]) -> tuple[Course, ...]:
    """Return each target that several runs measured, given points from the oldest run to the newest."""
    targets = sorted({each.target for each in points})
    found = (Course(target, tuple(_series([each for each in points if each.target == target]))) for target in targets)
    return tuple(each for each in found if each.series)


def _series(points: Sequence[Point]) -> Iterator[Series]:
    for measure in MEASURES:
        mine = tuple(each for each in points if each.measure is measure)
        if len(mine) > 1:
            yield Series(measure, mine)


def rivals(points: Sequence[Point]) -> tuple[Rivals, ...]:
    """Return each model that several targets serve, with what was measured last."""
    newest = {(each.target, each.measure.check): each for each in points}
    models: dict[str, set[str]] = {}
    for point in newest.values():
        models.setdefault(point.model, set()).add(point.target)
    return tuple(
        Rivals(model, tuple(sorted(targets)), tuple(each for each in newest.values() if each.target in targets))
        for model, targets in sorted(models.items())
        if len(targets) > 1
    )
