"""
Answers that came and are still to be read: to read them at once would hold up the calls that follow.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

from pytest_darkhost.observations import Observation

Job = Iterator[None]
"""A piece of work with pauses, in which whatever has arrived is taken."""
_DONE = object()
_CALM_S = 0.005
"""How long no answer must have ended: the calls after those that ended together go out first."""
_LONGEST_S = 0.05
"""How long an answer waits at most, where others end all the time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one probe, before anybody has read it."""

    known: Observation
    """What is known without its body."""
    steps: Callable[[], Generator[None, None, Observation]]
    """Reads it, with pauses, and settles its cost. To be called once."""
    can_wait: bool = False
    """Whether nothing that comes next depends on what it says."""

    @classmethod
    def of(cls, observation: Observation) -> "Reading":
        """Return the reading of what is known whole."""

        def steps() -> Generator[None, None, Observation]:
            yield from ()
            return observation

        return cls(observation, steps)


class Readings:
    """What is to be read, of one event loop: one after the other in the order that it came, step by step."""

    def __init__(self) -> None:
        self._jobs: deque[tuple[float, Job]] = deque()
        self._latest_s = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def put(self, job: Job) -> None:
        """Have a job done soon, on the running loop."""
        loop = asyncio.get_running_loop()
        self._latest_s = loop.time()
        self._jobs.append((self._latest_s, job))
        if self._timer is None:
            self._timer = loop.call_at(self._latest_s + _CALM_S, self._turn, loop)

    def after(self, act: Callable[[], None]) -> None:
        """Have something done when all jobs that were put before are: at once, where there is none."""
        if self._jobs:
            self._jobs.append((self._latest_s, _calling(act)))
        else:
            act()

    def finish(self) -> bool:
        """Do all that is to be done now. Return whether there was anything."""
        found = bool(self._jobs)
        while self._jobs:
            self._step()
        return found

    def _step(self) -> None:
        if next(self._jobs[0][1], _DONE) is _DONE:
            self._jobs.popleft()

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do one step: what has arrived is stamped and kept before the next."""
        self._timer, now_s = None, loop.time()
        if self._jobs and now_s >= self._due_s():
            self._step()
        if self._jobs:
            self._timer = loop.call_at(max(self._due_s(), now_s), self._turn, loop)

    def _due_s(self) -> float:
        return min(self._latest_s + _CALM_S, self._jobs[0][0] + _LONGEST_S)


def _calling(act: Callable[[], None]) -> Job:
    act()
    yield from ()
