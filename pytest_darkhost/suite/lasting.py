"""
Keeps what lasts as long as the session out of the garbage collector's rounds: modules, specs, items.

The collector would look through all of it again and again, and find nothing. Nothing here changes what is reclaimed
in the end, or touches a collector that somebody else has frozen or switched off.

A round goes through memory in the order of making, and comes back, from the last to the first, for what it does not
know to be in use by then. Selected and deselected items are in use by different lists, of which some are younger than
they are: to go through memory twice, once for each, makes rounds and the end of the process half as long again. So
there is one list, older than the items, that holds all of them (`Run.made`).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import pytest

_SOMEBODY_S = 5_000
"""Objects: whoever freezes a process that runs pytest freezes more. Python 3.12 itself begins with some hundred."""


class Lasting:
    """What one session has frozen: everything that there is at the moment of each `keep`, until `release`."""

    def __init__(self) -> None:
        self.ours = False
        """Whether there is something to undo."""

    @classmethod
    def until_end_of(cls, config: pytest.Config) -> Self:
        """Return one that is released after pytest's own last rounds, which it runs at the end of each session."""
        lasting = cls()
        config.add_cleanup(lasting.release)
        return lasting

    def keep(self) -> None:
        """Leave out what there is by now. It costs nothing, however much that is."""
        if self.ours or gc.get_freeze_count() < _SOMEBODY_S:
            gc.freeze()
            self.ours = True

    def release(self) -> None:
        """Let the collector see everything again. Idempotent."""
        if self.ours:
            gc.unfreeze()
            self.ours = False


@contextmanager
def no_rounds() -> Iterator[None]:
    """Start no round of the collector within the block, which makes only what lasts."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
