"""
The inbox keeps what arrives, piece by piece, and tells the socket when it is too much.
"""

import asyncio
from typing import Any

import pytest

from pytest_darkhost.transport.inbox import Inbox

pytestmark = pytest.mark.asyncio


class Socket(asyncio.Transport):
    """Notes whether reading is paused."""

    def __init__(self) -> None:
        super().__init__()
        self.paused = False

    def pause_reading(self) -> None:
        """Note it."""
        self.paused = True

    def resume_reading(self) -> None:
        """Note it."""
        self.paused = False


async def test_reading_pauses_when_too_much_waits_and_goes_on_when_it_is_taken() -> None:
    """A flood does not fill the memory."""
    inbox, socket = Inbox(), Socket()
    inbox.attach(socket)
    for _ in range(4):
        inbox.data_received(bytes(65_536))
    assert not socket.paused
    inbox.data_received(b"x")
    assert socket.paused
    for _ in range(3):
        inbox.take(65_536)
    assert socket.paused
    inbox.take(65_536)
    assert not socket.paused


async def test_a_piece_that_is_taken_in_parts_keeps_its_time() -> None:
    """The library's limit per read does not change when bytes arrived."""
    inbox = Inbox()
    inbox.data_received(b"abcdef")
    first, second = inbox.take(4), inbox.take(4)
    assert (first[1], second[1]) == (b"abcd", b"ef")
    assert first[0] == second[0]


async def test_what_arrived_before_a_reset_is_taken_before_the_error() -> None:
    """Nothing that came is lost, and the reset is not taken for a clean end."""
    inbox = Inbox()
    inbox.data_received(b"abc")
    inbox.connection_lost(ConnectionResetError())
    assert inbox.take(9)[1] == b"abc"
    with pytest.raises(ConnectionResetError):
        inbox.take(9)
    with pytest.raises(ConnectionResetError):
        inbox.check()


async def test_a_reader_that_waits_is_woken_by_the_end() -> None:
    """No reader waits for a connection that is gone."""
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.arrival())
    await asyncio.sleep(0)
    inbox.eof_received()
    await asyncio.wait_for(waiting, 1)
    assert inbox.take(9)[1] == b""
    assert inbox.finished


async def test_a_writer_that_waits_is_released_by_the_end() -> None:
    """No writer waits for a socket that is gone."""
    inbox = Inbox()
    inbox.pause_writing()
    waiting = asyncio.create_task(inbox.flushed())
    await asyncio.sleep(0)
    assert not waiting.done()
    inbox.connection_lost(None)
    await asyncio.wait_for(waiting, 1)


async def a_piece_in_time(inbox: Inbox, due_s: float) -> None:
    """Wait for a piece that comes before its time, and take it."""
    waiting = asyncio.create_task(inbox.arrival(due_s))
    await asyncio.sleep(0)
    inbox.data_received(b"x")
    await waiting
    inbox.take(9)


async def test_many_waits_share_a_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of a thousand pieces sets no thousand timers."""
    loop, set_timers = asyncio.get_running_loop(), []
    call_at = loop.call_at

    def counting(*arguments: Any) -> asyncio.TimerHandle:
        set_timers.append(arguments)
        return call_at(*arguments)

    inbox = Inbox()
    monkeypatch.setattr(loop, "call_at", counting)
    for _ in range(1000):
        await a_piece_in_time(inbox, loop.time() + 60)
    assert len(set_timers) == 1


async def test_a_wait_ends_at_its_time_and_not_at_that_of_an_earlier_one() -> None:
    """The timer of a piece that came in time does not end the wait for the next; the next has a bound of its own."""
    inbox, loop = Inbox(), asyncio.get_running_loop()
    await a_piece_in_time(inbox, loop.time() + 0.02)
    began_s = loop.time()
    with pytest.raises(TimeoutError):
        await inbox.arrival(began_s + 0.06)
    assert loop.time() >= began_s + 0.06


async def test_a_later_wait_may_have_the_shorter_bound() -> None:
    """The timer that an earlier wait set does not make a shorter one longer."""
    inbox, loop = Inbox(), asyncio.get_running_loop()
    await a_piece_in_time(inbox, loop.time() + 3600)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(inbox.arrival(loop.time() + 0.01), 30)
