"""
Points of a measure: their rows, their shapes by what became of them, and when their budgets can be drawn.
"""

from collections.abc import Sequence
from typing import Any

from pytest_darkhost.report_page.charts.frame import Spec
from pytest_darkhost.report_page.check_rows import Word
from pytest_darkhost.report_page.measures import Point

_FAR = 3
"""A budget so many times as large as all that was measured would make the plot a flat line: it is told in words."""
_OTHER = "other"
_WORDS = [Word.PASSED.value, Word.FAILED.value, _OTHER]
_SHAPES = {"domain": _WORDS, "range": ["circle", "cross", "triangle-up"]}
_COLOURS = {"domain": _WORDS, "range": ["var(--link)", "var(--bad)", "var(--warn)"]}
MARK = {"type": "point", "filled": True, "size": 30, "opacity": 1}
BY_WORD: Spec = {
    "color": {"field": "word", "type": "nominal", "scale": _COLOURS, "legend": None},
    "shape": {"field": "word", "type": "nominal", "scale": _SHAPES, "legend": None},
}
"""A failure is told by shape and by colour."""


def row(point: Point) -> dict[str, Any]:
    """Return a point as a row of data."""
    return {
        "line": point.line,
        "target": point.target,
        "median": point.median,
        "least": point.least,
        "greatest": point.greatest,
        "budget": point.budget,
        "word": point.word.value if point.word in (Word.PASSED, Word.FAILED) else _OTHER,
    }


def budgets_of(points: Sequence[Point]) -> tuple[list[float], bool]:
    """Return the budgets of some points, and whether they can be drawn among them."""
    budgets = [point.budget for point in points if point.budget is not None]
    return budgets, bool(budgets) and max(budgets) <= _FAR * max(point.greatest for point in points)
