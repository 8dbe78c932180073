"""
Spares the garbage collector rounds that find nothing: over what was collected, and over what is being imported.

Both live to the end of the session anyway. Looking through them again and again would cost as much as a replay or a
walk; pytest itself runs two rounds at the end of each session.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


class Frozen:
    """
    Keeps what was collected out of the rounds.

    Made while plugins are configured, so that it ends after pytest's own last rounds.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._ours = False
        config.add_cleanup(self.end)

    def begin(self) -> None:
        """Leave all objects that there are out of account, unless somebody does so already."""
        if gc.get_freeze_count() == 0:
            gc.freeze()
            self._ours = True

    def end(self) -> None:
        """Undo that, if it is ours to undo. Twice does no harm."""
        if self._ours:
            gc.unfreeze()
            self._ours = False


@contextmanager
def paused() -> Iterator[None]:
    """Run no rounds meanwhile: importing makes hundreds of objects that stay, and no garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
