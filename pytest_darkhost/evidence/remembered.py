"""
Functions of texts of which many are the same: what they return is kept, for a bounded number of short ones.

A long text is a hostile one, and to keep some hundreds of these would take more memory than one report does.
"""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

_TEXTS = 256
_LONGEST = 2000
"""Characters."""
_Found = TypeVar("_Found")


def remembered(function: Callable[[str], _Found]) -> Callable[[str], _Found]:
    """Return a function that returns the same, and keeps it."""
    kept = lru_cache(_TEXTS)(function)

    @wraps(function)
    def found(text: str) -> _Found:
        return kept(text) if len(text) <= _LONGEST else function(text)

    return found
