"""
Work that pauses, so that somebody who has no time to lose comes in between; or is done in one go.
"""

from collections.abc import Generator
from typing import TypeVar

_Result = TypeVar("_Result")


def finished(steps: Generator[None, None, _Result]) -> _Result:
    """Do what is left of a piece of work without its pauses, and return what it comes to."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _Result = end.value
            return result
