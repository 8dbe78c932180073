"""
Whether a `-m` expression asks for live calls. Live is opt-in: the expression must be true with the mark
`live` and false without it, so that `-m "not replay"` never spends.
"""

import itertools
import re
from collections.abc import Iterable

# Private, as pytest offers no public way to evaluate an expression; tests/contract holds what is used.
from _pytest.mark.expression import Expression

LIVE = "live"
_WORDS = re.compile(r"[\w.:+\\/\[\]-]+")
_KEYWORDS = frozenset({"and", "or", "not", "True", "False", "None"})
_TOO_MANY = 10


def matches(expression: str, marks: Iterable[str]) -> bool:
    """Return whether a `-m` expression selects something with these marks. Malformed ones are pytest's to report."""
    names = frozenset(marks)
    try:
        return bool(Expression.compile(expression).evaluate(lambda name, /, **_kwargs: name in names))
    except Exception:
        # SyntaxError, or a ParseError of pytest's own before 9.0.
        return False


def opts_in(expression: str, marks: Iterable[str], name: str = LIVE) -> bool:
    """Return whether the expression asks by name for a live item that has these other marks, or one of another name."""
    others = frozenset(marks) - {name}
    return bool(expression) and matches(expression, others | {name}) and not matches(expression, others)


def could_opt_in(expression: str, name: str = LIVE) -> bool:
    """Return whether the expression asks by name for an item with any marks of those that it names."""
    if name not in _WORDS.findall(expression):
        return False
    others = sorted(set(_WORDS.findall(expression)) - _KEYWORDS - {name})[:_TOO_MANY]
    subsets = (itertools.compress(others, bits) for bits in itertools.product((0, 1), repeat=len(others)))
    return any(opts_in(expression, subset, name) for subset in subsets)
