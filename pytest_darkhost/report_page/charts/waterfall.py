"""
The calls of a target as bars in time.
"""

from collections.abc import Iterable, Sequence

from pytest_darkhost.report_page.calls import PHASES, Call, TargetCalls
from pytest_darkhost.report_page.charts.frame import ROW, Spec, names, single

_NAMES = 104
_BAR = 9
_COLOURS = {"domain": list(PHASES), "range": [f"var(--{each.lower()})" for each in PHASES]}


def waterfall(calls: Sequence[Call], longest_ms: float) -> Spec:
    """Return the calls of a target, on an axis that other targets may share; a line in a bar is a token's arrival."""
    layers = [_bars(calls, longest_ms)]
    if any(call.arrivals_ms for call in calls):
        layers.append(_arrivals(calls))
    y = names("call", [call.name for call in calls], _NAMES)
    return single({"height": {"step": ROW}, "encoding": {"y": y}, "layer": layers})


def _bars(calls: Sequence[Call], longest_ms: float) -> Spec:
    values = [
        {"call": call.name, "phase": each.name, "start": each.start_ms, "end": each.end_ms}
        for call in calls
        for each in call.phases
    ]
    axis = {"title": "ms since the request was issued", "tickCount": 4, "domain": False}
    scale = {"domain": [0, longest_ms], "nice": False}
    return {
        "data": {"values": values},
        "mark": {"type": "bar", "height": _BAR},
        "encoding": {
            "x": {"field": "start", "type": "quantitative", "axis": axis, "scale": scale},
            "x2": {"field": "end"},
            "color": {"field": "phase", "type": "nominal", "scale": _COLOURS, "legend": None},
        },
    }


def _arrivals(calls: Sequence[Call]) -> Spec:
    return {
        "data": {"values": [{"call": call.name, "at": at} for call in calls for at in call.arrivals_ms]},
        "mark": {"type": "tick", "thickness": 1, "size": _BAR, "color": "var(--paper)"},
        "encoding": {"x": {"field": "at", "type": "quantitative"}},
    }


def longest_of(targets: Iterable[TargetCalls]) -> float:
    """Return the end of the longest call of some targets in ms; 1 where none has one."""
    ends = (call.end_ms for target in targets for call in target.calls)
    return max((end for end in ends if end is not None), default=1.0)
