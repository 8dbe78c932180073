"""
One model on several venues: a panel for each measure, over one axis of venues.
"""

from collections.abc import Mapping, Sequence

from pytest_darkhost.report_page.charts.frame import MARGIN, ROW, WIDTH, Spec, names, stacked
from pytest_darkhost.report_page.charts.points import BY_WORD, MARK, budgets_of, row
from pytest_darkhost.report_page.measures import MEASURES, Measure, Point, Rivals

_NAMES, _SPACING = 120, 10
_BAND = {"type": "rule", "color": "var(--band)", "strokeWidth": 5}
_BUDGET = {"type": "tick", "color": "var(--bad)", "thickness": 2, "size": 12}


def comparison(one: Rivals) -> Spec:
    """Return the plot."""
    labels = _labels(one.targets)
    found = ((measure, [point for point in one.points if point.measure is measure]) for measure in MEASURES)
    return stacked([_panel(measure, points, labels) for measure, points in found if points], _SPACING)


def _labels(targets: Sequence[str]) -> Mapping[str, str]:
    """Return what names targets of one model: the venue, unless one has the model twice."""
    venues = [target.partition("/")[0] for target in targets]
    return dict(zip(targets, venues if len({*venues}) == len(venues) else targets, strict=True))


def _panel(measure: Measure, points: Sequence[Point], labels: Mapping[str, str]) -> Spec:
    budgets, drawn = budgets_of(points)
    axis = {"title": None, "tickCount": 4, "domain": False}
    x = {"field": "median", "type": "quantitative", "axis": axis, "scale": {"zero": True}}
    layers = [
        {"mark": _BAND, "encoding": {"x": {**x, "field": "least"}, "x2": {"field": "greatest"}}},
        {"mark": MARK, "encoding": {"x": x, **BY_WORD}},
        *([{"mark": _BUDGET, "encoding": {"x": {**x, "field": "budget"}}}] if drawn else []),
    ]
    where = "; budgets are bars" if drawn else "; budgets are off the scale" if budgets else ""
    return {
        "title": f"{measure.title}, {measure.unit}{where}",
        "width": WIDTH - _NAMES - MARGIN,
        "height": {"step": ROW},
        "data": {"values": [row(point) | {"target": labels[point.target]} for point in points]},
        "encoding": {"y": names("target", list(labels.values()), _NAMES)},
        "layer": layers,
    }
