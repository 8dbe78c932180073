"""Lanes begin when all of them are prepared, one after the other."""

import asyncio

import pytest

from pytest_darkhost.runner.gate import Gate


async def settled() -> None:
    """Let every task that can run do so."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_nobody_begins_before_the_last_has_arrived() -> None:
    """Two of three wait; the third opens the gate for all, in the order of arrival."""
    begun: list[str] = []

    async def lane(gate: Gate, name: str) -> None:
        await gate.passed(name)
        begun.append(name)

    async def run() -> None:
        gate = Gate(["a", "b", "c"])
        tasks = [asyncio.create_task(lane(gate, name)) for name in ("b", "a")]
        await settled()
        assert begun == []
        await asyncio.gather(*tasks, lane(gate, "c"))

    asyncio.run(run())
    assert begun == ["b", "a", "c"]


@pytest.mark.parametrize("how", ["arrive", "twice", "stranger"])
def test_a_lane_that_never_comes_is_not_waited_for(how: str) -> None:
    """A managed venue that starts, or a lane that failed, says so; saying it twice is no harm."""

    async def run() -> None:
        gate = Gate(["a", "b"])
        gate.arrive("b")
        if how == "twice":
            gate.arrive("b")
        if how == "stranger":
            gate.arrive("c")
        await gate.passed("a")

    asyncio.run(run())


def test_a_lane_alone_does_not_wait() -> None:
    """The workers of pytest-xdist start lanes one by one."""
    asyncio.run(Gate(["a"]).passed("a"))
