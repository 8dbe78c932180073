"""
Keeps the garbage collector from looking at values of JSON while they come and go: they hold no cycles.

Not switched off: what somebody's library leaves in cycles is still found, so that memory stays bounded.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_CONTAINERS = 100_000
"""So many more than there were start a round. A report of 100 tests has a few thousand."""


@contextmanager
def rare_rounds() -> Iterator[None]:
    """Start few rounds of the collector within the block. One that is off stays off."""
    before = gc.get_threshold()
    if before[0]:
        gc.set_threshold(max(before[0], _CONTAINERS), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
