"""
The measures of a target over runs: a panel each, over one axis of runs.
"""

from collections.abc import Sequence

from pytest_darkhost.report_page.charts.frame import MARGIN, WIDTH, Spec, stacked
from pytest_darkhost.report_page.charts.points import BY_WORD, MARK, budgets_of, row
from pytest_darkhost.report_page.check_rows import Word
from pytest_darkhost.report_page.measures import Series
from pytest_darkhost.report_page.texts import figure

_NUMBERS = 50
_HEIGHT, _SPACING = 46, 8
_FEW = 12
"""Runs of which each is a point."""
_BUDGET = {"type": "line", "color": "var(--bad)", "strokeDash": [4, 3], "strokeWidth": 1}


def course(series: Sequence[Series], lines: Sequence[str]) -> Spec:
    """Return the plot; `lines` are the runs, the oldest first."""
    last = series[-1]
    return stacked([_panel(each, lines, titled=each is last) for each in series], _SPACING)


def _panel(series: Series, lines: Sequence[str], *, titled: bool) -> Spec:
    budgets, drawn = budgets_of(series.points)
    extent = {"minExtent": _NUMBERS, "maxExtent": _NUMBERS}
    axis = {"title": None, "tickCount": 3, "domain": False, "ticks": False, **extent}
    y = {"field": "median", "type": "quantitative", "axis": axis, "scale": {"zero": True}}
    layers = [
        {
            "mark": {"type": "area", "color": "var(--band)", "opacity": 1},
            "encoding": {"y": {**y, "field": "least"}, "y2": {"field": "greatest"}},
        },
        {"mark": {"type": "line", "color": "var(--link)", "strokeWidth": 1.2}, "encoding": {"y": y}},
        *([{"mark": _BUDGET, "encoding": {"y": {**y, "field": "budget"}}}] if drawn else []),
        _points(series, y, every=len(lines) <= _FEW),
    ]
    return {
        "title": _title(series, budgets, drawn=drawn),
        "width": WIDTH - _NUMBERS - MARGIN,
        "height": _HEIGHT,
        "data": {"values": [row(point) for point in series.points]},
        "encoding": {"x": _runs(lines, titled=titled)},
        "layer": layers,
    }


def _runs(lines: Sequence[str], *, titled: bool) -> Spec:
    axis = {"labels": titled, "ticks": titled, "title": "line of the run" if titled else None, "labelAngle": 0}
    return {
        "field": "line",
        "type": "ordinal",
        "scale": {"domain": list(lines)},
        "axis": {**axis, "labelOverlap": "greedy", "grid": False},
    }


def _points(series: Series, y: Spec, *, every: bool) -> Spec:
    """Return the medians as points; of many only those that did not pass."""
    rows = [row(point) for point in series.points if every or point.word is not Word.PASSED]
    return {"data": {"values": rows}, "mark": MARK, "encoding": {"y": y, **BY_WORD}}


def _title(series: Series, budgets: Sequence[float], *, drawn: bool) -> str:
    said = f"{series.measure.title}, {series.measure.unit}"
    if not budgets:
        return said
    return f"{said}; budget {figure(budgets[-1])}{' (dashed)' if drawn else ', off the scale'}"
