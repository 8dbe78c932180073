"""
Texts and values of strangers as the page shows them: bounded, on one line, with nothing that hides or turns letters.

Markup is the template's matter: it escapes all that it is given.
"""

import math
from collections.abc import Mapping
from typing import Any

from pytest_darkhost.plain_text import one_line

LONGEST = 400
"""Characters of a text that is read in a sentence."""
_HUGE = 1e9
NAME = 80
"""Characters of a name."""


def shown(value: Any, longest: int = LONGEST) -> str:
    """Return any value of a report as text. One that is cut says so, and how long it was."""
    text = "" if value is None else value if isinstance(value, str) else str(value)
    line = one_line(text, longest)
    return f"{line} [cut: {len(text):,} characters]" if line.endswith("…") and len(text) > longest else line


def name(value: Any) -> str:
    """Return a name as it is shown."""
    return shown(value, NAME)


def mapping(value: Any) -> Mapping[str, Any]:
    """Return an object of a report; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects in a list of a report; none for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """Return the texts in a list of a report; none for anything else."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def number(value: Any) -> float | None:
    """Return a finite number of a report, or `None`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def decimal(value: Any) -> float | None:
    """Return the number that a decimal string of a report says, or `None`."""
    if not isinstance(value, str) or len(value) > NAME:
        return number(value)
    try:
        return number(float(value))
    except ValueError:
        return None


def figure(value: float | None) -> str:
    """Return a number with three digits that count, and thousands apart; a dash for none."""
    if value is None:
        return "-"
    if 100 <= abs(value) < _HUGE:
        return f"{value:,.0f}"
    return f"{value:.3g}"
