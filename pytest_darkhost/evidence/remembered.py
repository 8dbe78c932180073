"""
Functions of texts of which many are the same: what they return is kept, for a bounded number of short ones.

A long text is a hostile one, and to keep some hundreds of these would take more memory than one report does.
"""

from collections.abc import Callable
from typing import TypeVar

_TEXTS = 256
_LONGEST = 2000
"""Characters."""
_Found = TypeVar("_Found")


def remembered(function: Callable[[str], _Found]) -> Callable[[str], _Found]:
    """Return a function that returns the same, and keeps it."""
    return _Kept(function).__getitem__


class _Kept(dict[str, _Found]):
    """What a function returns, by text. A dictionary finds it sooner than `lru_cache` does."""

    def __init__(self, function: Callable[[str], _Found]) -> None:
        self._function = function

    def __missing__(self, text: str) -> _Found:
        found = self._function(text)
        if len(text) <= _LONGEST:
            if len(self) == _TEXTS:
                self.clear()
            self[text] = found
        return found
