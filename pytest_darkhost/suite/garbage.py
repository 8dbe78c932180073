"""
What was collected, kept out of the garbage collector's rounds to the end of the session.

It lives that long anyway, and looking through it again and again would cost as much as a replay or a walk. pytest
itself runs two rounds at the end of each session.
"""

import gc

import pytest


class Frozen:
    """Made while plugins are configured, so that it ends after pytest's own last rounds."""

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
