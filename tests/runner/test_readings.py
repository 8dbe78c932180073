"""What is read later is read in order, in steps, and at the latest when somebody needs it."""

import asyncio
from collections.abc import Iterator

from pytest_darkhost.runner.readings import Readings


def job(said: list[str], *steps: str) -> Iterator[None]:
    """Return a job that says something at each of its steps."""
    for step in steps:
        said.append(step)
        yield


def test_jobs_are_done_in_the_order_that_they_came() -> None:
    """What is done after all jobs finds each of them done, whichever needed more steps."""
    said: list[str] = []

    async def run() -> None:
        readings = Readings()
        readings.put(job(said, "a1", "a2", "a3"))
        readings.put(job(said, "b1"))
        done = asyncio.Event()
        readings.after(lambda: (said.append("told"), done.set())[0])
        await asyncio.wait_for(done.wait(), 30)

    asyncio.run(run())
    assert said == ["a1", "a2", "a3", "b1", "told"]


def test_nothing_is_read_before_what_put_it_in_goes_on() -> None:
    """The next call goes out before the answer to the last is read; each step is a turn of the loop of its own."""
    said: list[str] = []

    async def run() -> None:
        readings = Readings()
        readings.put(job(said, "read 1", "read 2"))
        said.append("sent")
        while "read 2" not in said:
            await asyncio.sleep(0)
            said.append("took")

    asyncio.run(run())
    assert said[0] == "sent"
    assert "took" in said[said.index("read 1") : said.index("read 2")]


def test_who_needs_it_has_it_at_once() -> None:
    """A job of which a step was done is not begun again, and the timer that is set finds nothing left to do."""
    said: list[str] = []

    async def run() -> None:
        readings = Readings()
        readings.put(job(said, "a1", "a2"))
        assert readings.finish()
        assert not readings.finish()
        readings.after(lambda: said.append("told"))
        await asyncio.sleep(0.02)

    asyncio.run(run())
    assert said == ["a1", "a2", "told"]


def test_answers_that_end_all_the_time_do_not_put_a_job_off_for_ever() -> None:
    """With no calm in sight a job is done after a while nevertheless."""
    said: list[str] = []

    async def run() -> None:
        readings = Readings()
        readings.put(job(said, "first"))
        while "first" not in said:
            readings.put(job([], "another"))
            await asyncio.sleep(0.001)

    asyncio.run(asyncio.wait_for(run(), 30))
    assert said == ["first"]
