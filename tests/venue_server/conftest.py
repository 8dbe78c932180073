"""One event loop for all stand-in venues of a session."""

from collections.abc import Iterator

import pytest

from support.loop_thread import LoopThread


@pytest.fixture(scope="session")
def thread() -> Iterator[LoopThread]:
    """Return the loop that servers of these tests share."""
    with LoopThread() as running:
        yield running
