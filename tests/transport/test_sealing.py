"""Sealed threads reach no network, by no way that Python has; others are left alone."""

import asyncio
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from pytest_darkhost.errors import AdapterError
from pytest_darkhost.transport.sealing import SocketOpenedError, seal, unseal

STARTS_ARE_REPORTED = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="the interpreter reports the start of a thread from 3.12 on"
)
PEER = ("127.0.0.1", 9)


@pytest.fixture
def reached() -> Iterator[list[str]]:
    """Seal this thread; return what somebody wanted to reach."""
    seen: list[str] = []
    note = seen.append
    seal(note)
    yield seen
    unseal(note)


def stream(call: Callable[[socket.socket], object], kind: socket.SocketKind = socket.SOCK_STREAM) -> None:
    """Do something with a socket of its own."""
    with socket.socket(socket.AF_INET, kind) as made:
        call(made)


WAYS: dict[str, Callable[[], object]] = {
    "connect": lambda: stream(lambda made: made.connect(PEER)),
    "connect_ex": lambda: stream(lambda made: made.connect_ex(PEER)),
    "create_connection": lambda: socket.create_connection(PEER),
    "UDP connect": lambda: stream(lambda made: made.connect(PEER), socket.SOCK_DGRAM),
    "UDP sendto": lambda: stream(lambda made: made.sendto(b"x", PEER), socket.SOCK_DGRAM),
    "UDP sendmsg": lambda: stream(lambda made: made.sendmsg([b"x"], [], 0, PEER), socket.SOCK_DGRAM),
    "getaddrinfo": lambda: socket.getaddrinfo("a.invalid", 443),
    "getaddrinfo of bytes": lambda: socket.getaddrinfo(b"a.invalid", 443),
    "gethostbyname": lambda: socket.gethostbyname("a.invalid"),
    "gethostbyname_ex": lambda: socket.gethostbyname_ex("a.invalid"),
    "gethostbyaddr": lambda: socket.gethostbyaddr("127.0.0.1"),
    "getnameinfo": lambda: socket.getnameinfo(PEER, 0),
    "httpx": lambda: httpx.get("http://127.0.0.1:9/"),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_to_the_network(reached: list[str], way: str) -> None:
    """Each raises an error that an adapter's author understands, and is noted, should it be swallowed."""
    with pytest.raises(
        SocketOpenedError, match=r"^a socket to .+ was opened while replaying, expected none$"
    ) as caught:
        WAYS[way]()
    assert isinstance(caught.value, AdapterError)
    assert len(reached) == 1
    assert reached[0].startswith(("127.0.0.1", "a.invalid"))


def test_a_unix_socket_is_one_too(reached: list[str]) -> None:
    """A server may listen there as well."""
    with socket.socket(socket.AF_UNIX) as made, pytest.raises(SocketOpenedError):
        made.connect("/nowhere/socket")
    assert reached == ["/nowhere/socket"]


def test_a_loop_in_a_sealed_thread_is_sealed(reached: list[str]) -> None:
    """Connections and look-ups of asyncio, also in its executor."""

    async def run() -> list[BaseException | None]:
        executor = ThreadPoolExecutor(2, initializer=seal, initargs=(reached.append,))
        asyncio.get_running_loop().set_default_executor(executor)
        tries = (asyncio.open_connection(*PEER), asyncio.open_connection("a.invalid", 1))
        blocking = (
            asyncio.to_thread(httpx.get, "http://127.0.0.1:9/"),
            asyncio.to_thread(socket.create_connection, PEER),
        )
        return await asyncio.gather(*tries, *blocking, return_exceptions=True)  # type: ignore[arg-type]

    assert [type(error) for error in asyncio.run(run())] == [SocketOpenedError] * 4
    assert len(reached) == 4


def attempt() -> BaseException | None:
    """Return what a connection raises."""
    try:
        socket.create_connection(PEER, timeout=1)
    except (OSError, AdapterError) as error:
        return error
    return None


def in_thread(call: Callable[[], BaseException | None]) -> BaseException | None:
    """Return what a call in a thread of its own returned."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(call).result()


@STARTS_ARE_REPORTED
def test_threads_that_a_sealed_one_starts_are_sealed(reached: list[str]) -> None:
    """An adapter's own executor, and the threads of its threads."""
    assert isinstance(in_thread(attempt), SocketOpenedError)
    assert isinstance(in_thread(lambda: in_thread(attempt)), SocketOpenedError)
    assert len(reached) == 2


def test_other_threads_are_left_alone() -> None:
    """Live probes may run beside a replay."""
    started, done = threading.Event(), threading.Event()
    seen: list[BaseException | None] = []

    def bystander() -> None:
        started.wait(5)
        seen.append(attempt())
        done.set()

    thread = threading.Thread(target=bystander)
    thread.start()
    reached: list[str] = []
    note = reached.append
    seal(note)
    try:
        started.set()
        assert done.wait(5)
    finally:
        unseal(note)
    thread.join()
    assert isinstance(seen[0], ConnectionRefusedError)
    assert reached == []


def test_nothing_is_left_of_a_seal() -> None:
    """Neither for this thread nor for one that lives on."""
    reached: list[str] = []
    note = reached.append
    seal(note)
    with ThreadPoolExecutor(1, initializer=seal, initargs=(note,)) as executor:
        assert isinstance(executor.submit(attempt).result(), SocketOpenedError)
        unseal(note)
        assert isinstance(executor.submit(attempt).result(), ConnectionRefusedError)
    assert isinstance(attempt(), ConnectionRefusedError)
    assert len(reached) == 1


def test_seals_nest(reached: list[str]) -> None:
    """The inner one is told; when it ends, the outer one still holds."""
    inner: list[str] = []
    note = inner.append
    seal(note)
    attempt()
    unseal(note)
    assert (len(inner), len(reached)) == (1, 0)
    assert isinstance(attempt(), SocketOpenedError)
    assert len(reached) == 1


def test_two_sealed_threads_do_not_mix() -> None:
    """What one reaches for is not the other's; the end of one leaves the other sealed."""
    notes: list[list[str]] = [[], []]
    first, second = (each.append for each in notes)
    with (
        ThreadPoolExecutor(1, initializer=seal, initargs=(first,)) as one,
        ThreadPoolExecutor(1, initializer=seal, initargs=(second,)) as other,
    ):
        for executor in (one, other, other):
            executor.submit(attempt).result()
        unseal(first)
        assert isinstance(one.submit(attempt).result(), ConnectionRefusedError)
        assert isinstance(other.submit(attempt).result(), SocketOpenedError)
        unseal(second)
    assert [len(each) for each in notes] == [1, 3]


def test_a_loop_s_own_pipes_are_no_network(reached: list[str]) -> None:
    """A loop wakes itself over a pair of sockets."""
    asyncio.run(asyncio.sleep(0))
    one, other = socket.socketpair()
    one.send(b"x")
    assert other.recv(1) == b"x"
    one.close()
    other.close()
    assert reached == []
