"""
The plots as Vega-Lite specifications: plain values in, plain values out. All are as wide as a phone, so that a page
shows one, two or three of them side by side.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pytest_darkhost.report_page.calls import PHASES, Call, TargetCalls
from pytest_darkhost.report_page.check_rows import Word
from pytest_darkhost.report_page.measures import MEASURES, Point, Rivals, Series
from pytest_darkhost.report_page.texts import figure

WIDTH = 340
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
"""A name, which nothing is fetched from."""
_LABELS = 104
_GAP = 5
_STEP = 15
_FIT = {"type": "fit-x", "contains": "padding"}
_PADDING = {"left": 0, "right": 8, "top": 4, "bottom": 3}
_SCALE, _NAMES = 50, 120
"""Pixels for the numbers of an axis, and for names."""
_MARGIN = 12
_PANEL = 46
_FAR = 3
"""A budget so many times as large as all that was measured would make the plot a flat line: it is told in words."""
_FEW = 12
"""Runs of which each is a point."""
_BUDGET_LINE = {"type": "line", "color": "var(--bad)", "strokeDash": [4, 3], "strokeWidth": 1}
_WORDS = [Word.PASSED.value, Word.FAILED.value, "other"]
_SHAPES = {"domain": _WORDS, "range": ["circle", "cross", "triangle-up"]}
_COLOURS = {"domain": _WORDS, "range": ["var(--link)", "var(--bad)", "var(--warn)"]}


def waterfall(calls: Sequence[Call], longest_ms: float) -> Mapping[str, Any]:
    """Return the calls of a target as bars in time, on an axis that other targets may share."""
    bars = [
        {"call": call.name, "phase": each.name, "start": each.start_ms, "end": each.end_ms}
        for call in calls
        for each in call.phases
    ]
    arrivals = [{"call": call.name, "at": at} for call in calls for at in call.arrivals_ms]
    y = {
        "field": "call",
        "type": "nominal",
        "sort": [call.name for call in calls],
        "title": None,
        "scale": {"domain": [call.name for call in calls]},
        "axis": _names(_LABELS),
    }
    axis = {"title": "ms since the request was issued", "tickCount": 4, "domain": False}
    scale = {"domain": [0, longest_ms], "nice": False}
    colour = {"domain": list(PHASES), "range": [f"var(--{each.lower()})" for each in PHASES]}
    bar = {
        "data": {"values": bars},
        "mark": {"type": "bar", "height": 9},
        "encoding": {
            "x": {"field": "start", "type": "quantitative", "axis": axis, "scale": scale},
            "x2": {"field": "end"},
            "color": {"field": "phase", "type": "nominal", "scale": colour, "legend": None},
        },
    }
    tick = {
        "data": {"values": arrivals},
        "mark": {"type": "tick", "thickness": 1, "size": 9, "color": "var(--paper)"},
        "encoding": {"x": {"field": "at", "type": "quantitative"}},
    }
    layer = [bar, tick] if arrivals else [bar]
    return _whole({"height": {"step": _STEP}, "encoding": {"y": y}, "layer": layer})


def _names(width: int) -> Mapping[str, Any]:
    """Return an axis of names, of one width so that plots stand in line."""
    extent = {"minExtent": width, "maxExtent": width, "labelLimit": width - _GAP}
    return {"ticks": False, "domain": False, "labelPadding": _GAP, **extent}


def _whole(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"$schema": _SCHEMA, "width": WIDTH, "autosize": _FIT, "padding": _PADDING, **spec}


def longest_of(targets: Iterable[TargetCalls]) -> float:
    """Return the end of the longest call of some targets in ms; 1 where none has one."""
    ends = (call.end_ms for target in targets for call in target.calls)
    return max((end for end in ends if end is not None), default=1.0)


def course(series: Sequence[Series], lines: Sequence[str]) -> Mapping[str, Any]:
    """Return the measures of a target over runs: a panel each, over one axis of runs."""
    last = series[-1]
    panels = [_panel(each, lines, titled=each is last) for each in series]
    return {"$schema": _SCHEMA, "padding": _PADDING, "vconcat": panels, "spacing": 8}


def _panel(series: Series, lines: Sequence[str], *, titled: bool) -> Mapping[str, Any]:
    budgets = [point.budget for point in series.points if point.budget is not None]
    top = max(point.greatest for point in series.points)
    drawn = bool(budgets) and max(budgets) <= _FAR * top
    axis = {"labels": titled, "ticks": titled, "title": "line of the run" if titled else None, "labelAngle": 0}
    x = {
        "field": "line",
        "type": "ordinal",
        "scale": {"domain": list(lines)},
        "axis": {**axis, "labelOverlap": "greedy", "grid": False},
    }
    y = {"field": "median", "type": "quantitative", "axis": _numbers(), "scale": {"zero": True}}
    layers = [
        {
            "mark": {"type": "area", "color": "var(--band)", "opacity": 1},
            "encoding": {"y": {**y, "field": "least"}, "y2": {"field": "greatest"}},
        },
        {"mark": {"type": "line", "color": "var(--link)", "strokeWidth": 1.2}, "encoding": {"y": y}},
    ]
    if drawn:
        layers.append({"mark": _BUDGET_LINE, "encoding": {"y": {**y, "field": "budget"}}})
    layers.append(_points(series, y, every=len(lines) <= _FEW))
    return {
        "title": _title(series, budgets, drawn=drawn),
        "width": WIDTH - _SCALE - _MARGIN,
        "height": _PANEL,
        "data": {"values": [_row(point) for point in series.points]},
        "encoding": {"x": x},
        "layer": layers,
    }


def _title(series: Series, budgets: Sequence[float], *, drawn: bool) -> str:
    said = f"{series.measure.title}, {series.measure.unit}"
    if not budgets:
        return said
    return f"{said}; budget {figure(budgets[-1])}{' (dashed)' if drawn else ', off the scale'}"


def _numbers() -> Mapping[str, Any]:
    return {"title": None, "tickCount": 3, "minExtent": _SCALE, "maxExtent": _SCALE, "domain": False, "ticks": False}


def _points(series: Series, y: Mapping[str, Any], *, every: bool) -> Mapping[str, Any]:
    """Return the medians as points; of many only those that did not pass."""
    rows = [_row(point) for point in series.points if every or point.word is not Word.PASSED]
    mark = {"type": "point", "filled": True, "size": 30, "opacity": 1}
    return {"data": {"values": rows}, "mark": mark, "encoding": {"y": y, **_by_word()}}


def _by_word() -> Mapping[str, Any]:
    return {
        "color": {"field": "word", "type": "nominal", "scale": _COLOURS, "legend": None},
        "shape": {"field": "word", "type": "nominal", "scale": _SHAPES, "legend": None},
    }


def _row(point: Point) -> Mapping[str, Any]:
    return {
        "line": point.line,
        "target": point.target,
        "median": point.median,
        "least": point.least,
        "greatest": point.greatest,
        "budget": point.budget,
        "word": point.word.value if point.word in (Word.PASSED, Word.FAILED) else "other",
    }


def comparison(one: Rivals) -> Mapping[str, Any]:
    """Return one model on several venues: a panel for each measure, over one axis of targets."""
    shown = [measure for measure in MEASURES if any(point.measure is measure for point in one.points)]
    panels = []
    for measure in shown:
        points = [point for point in one.points if point.measure is measure]
        budgets = [point.budget for point in points if point.budget is not None]
        top = max(point.greatest for point in points)
        drawn = bool(budgets) and max(budgets) <= _FAR * top
        panels.append(_compared(Series(measure, tuple(points)), one.targets, budgets, drawn=drawn))
    return {"$schema": _SCHEMA, "padding": _PADDING, "vconcat": panels, "spacing": 10}


def _labels(targets: Sequence[str]) -> Mapping[str, str]:
    """Return what names targets of one model: the venue, unless one has the model twice."""
    venues = [target.partition("/")[0] for target in targets]
    return dict(zip(targets, venues if len({*venues}) == len(venues) else targets, strict=True))


def _compared(series: Series, targets: Sequence[str], budgets: Sequence[float], *, drawn: bool) -> Mapping[str, Any]:
    labels = _labels(targets)
    y = {
        "field": "target",
        "type": "nominal",
        "title": None,
        "scale": {"domain": [labels[target] for target in targets]},
        "axis": _names(_NAMES),
    }
    axis = {"title": None, "tickCount": 4, "domain": False}
    x = {"field": "median", "type": "quantitative", "axis": axis, "scale": {"zero": True}}
    layers = [
        {
            "mark": {"type": "rule", "color": "var(--band)", "strokeWidth": 5},
            "encoding": {"x": {**x, "field": "least"}, "x2": {"field": "greatest"}},
        },
        {"mark": {"type": "point", "filled": True, "size": 30, "opacity": 1}, "encoding": {"x": x, **_by_word()}},
    ]
    if drawn:
        tick = {"type": "tick", "color": "var(--bad)", "thickness": 2, "size": 12}
        layers.append({"mark": tick, "encoding": {"x": {**x, "field": "budget"}}})
    said = _title(series, budgets, drawn=drawn).replace("(dashed)", "(bar)")
    return {
        "title": said,
        "width": WIDTH - _NAMES - _MARGIN,
        "height": {"step": _STEP},
        "data": {"values": [{**_row(point), "target": labels[point.target]} for point in series.points]},
        "encoding": {"y": y},
        "layer": layers,
    }
