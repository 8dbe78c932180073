"""One event loop for all stand-in venues of a session, and each case driven once."""

from collections.abc import Callable, Iterable, Iterator

import pytest

from support.cases import Case, Driven, drive_all
from support.loop_thread import LoopThread


@pytest.fixture(scope="session")
def thread() -> Iterator[LoopThread]:
    """Return the loop that servers of these tests share."""
    with LoopThread() as running:
        yield running


Drive = Callable[[Iterable[Case]], dict[str, Driven]]


@pytest.fixture(scope="session")
def drive(thread: LoopThread) -> Drive:
    """Return what drives cases, and remembers by name what came of those that were driven before."""
    known: dict[str, Driven] = {}

    def driven(cases: Iterable[Case]) -> dict[str, Driven]:
        wanted = {case.name: case for case in cases}
        known.update(drive_all([case for name, case in wanted.items() if name not in known], thread))
        return {name: known[name] for name in wanted}

    return driven
