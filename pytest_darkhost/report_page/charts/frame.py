"""
What all plots share: a size as of a phone, so that a page shows one, two or three side by side, and axes in line.
"""

from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 340
"""Pixels, of the whole plot."""
ROW = 15
"""Pixels from one name to the next."""
MARGIN = 12
_GAP = 5
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
"""A name, which nothing is fetched from."""
_PADDING = {"left": 0, "right": 8, "top": 4, "bottom": 3}

Spec = Mapping[str, Any]


def single(spec: Spec) -> Spec:
    """Return a whole plot."""
    fit = {"type": "fit-x", "contains": "padding"}
    return {"$schema": _SCHEMA, "width": WIDTH, "autosize": fit, "padding": _PADDING, **spec}


def stacked(panels: Sequence[Spec], spacing: int) -> Spec:
    """Return a whole plot of panels one above the other."""
    return {"$schema": _SCHEMA, "padding": _PADDING, "vconcat": list(panels), "spacing": spacing}


def names(field: str, values: Sequence[str], width: int) -> Spec:
    """Return an axis of names, in this order and of this width, so that plots stand in line."""
    axis = {
        "ticks": False,
        "domain": False,
        "labelPadding": _GAP,
        "minExtent": width,
        "maxExtent": width,
        "labelLimit": width - _GAP,
    }
    return {
        "field": field,
        "type": "nominal",
        "sort": None,
        "title": None,
        "scale": {"domain": list(values)},
        "axis": axis,
    }
