"""The replayer: probes answered from a cassette, on a sealed loop of its own."""

import asyncio
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from pytest_darkhost.cassettes.player import Player
from pytest_darkhost.cassettes.reading import open_cassette
from pytest_darkhost.dialects.requests import build
from pytest_darkhost.errors import CassetteError
from pytest_darkhost.observations import ErrorKind, Exchange, Mode
from pytest_darkhost.plan import Owner, Plan, make_plan
from pytest_darkhost.runner.probing import VenueRun
from pytest_darkhost.runner.replaying import Replayer
from pytest_darkhost.secrets import Redactor
from pytest_darkhost.specs.resolution import AdapterPath
from pytest_darkhost.transport.sealing import SocketOpenedError
from support.cassettes import LATER_RUN, OWNER, RUN, exchange_of, write
from support.specs import make_venue

STARTS_ARE_REPORTED = pytest.mark.skipif(
    sys.version_info < (3, 12), reason="the interpreter reports the start of a thread from 3.12 on"
)
SPEC = make_venue(base_url="http://127.0.0.1:{port}")
RUN_OF = VenueRun(SPEC, None, AdapterPath("/v1/chat/completions", "default"))
ANSWER = b"""{"id":"1","object":"chat.completion","created":1,"model":"acme/small","choices":[{"index":0,
"finish_reason":"stop","message":{"role":"assistant","content":"ready"}}],"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}}"""


def plan(run_id: str) -> Plan:
    """Return a cold and a warm chat."""
    return make_plan([SPEC], {OWNER: frozenset({"cold", "warm"})}, nonce=run_id)


def recorded() -> list[Exchange]:
    """Return what another run recorded of it, on another port."""
    exchanges = []
    for probe in plan(RUN).probes:
        request = build(SPEC, probe, RUN_OF.path, port=40001)
        asked = tuple((name, value) for name, value in request.headers if name in {"accept", "content-type"})
        sent = {"url": request.url, "request_body": request.body, "request_headers": asked}
        exchanges.append(exchange_of(ANSWER, method=request.method, **sent))
    return exchanges


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the cassette."""
    return write(tmp_path / "c.yaml", recorded(), base_url=SPEC.base_url)


Open = Callable[[VenueRun, Owner], Player]


@pytest.fixture
def replaying(path: Path) -> Iterator[Callable[..., Replayer]]:
    """Return a maker of replayers; an adapter's maker may be given."""
    made: list[Replayer] = []

    def make(adapter: Callable[[Any, Any], Any] = lambda _spec, _client: None, nonce: str = LATER_RUN) -> Replayer:
        def opened(venue: VenueRun, owner: Owner) -> Player:
            return open_cassette(path, "c.yaml", venue.spec, owner, run_id=LATER_RUN)

        made.append(Replayer(lambda _venue: plan(nonce), opened, redactor=Redactor(), make_adapter=adapter))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_probes_are_answered_from_the_cassette(replaying: Callable[..., Replayer]) -> None:
    """All of them, whatever port the venue had; once, however often somebody asks."""
    replayer = replaying()
    seen = replayer.observations(RUN_OF, "small-acme")
    assert [(each.mode, each.error, each.answer and each.answer.text) for each in seen] == [
        (Mode.REPLAY, None, "ready")
    ] * len(plan(RUN).probes)
    assert seen.cassette is not None
    assert seen.cassette.unplayed == ()
    assert replayer.observations(RUN_OF, "small-acme") is seen


def test_a_drifted_prompt_is_a_miss_and_a_leftover(replaying: Callable[..., Replayer]) -> None:
    """Every probe says so, and the cassette says what was not asked for."""
    seen = replaying(nonce="another-run-id").observations(RUN_OF, "small-acme")
    assert {each.error.kind for each in seen if each.error} == {ErrorKind.NOT_RECORDED}
    assert seen.cassette is not None
    assert len(seen.cassette.unplayed) == len(plan(RUN).probes)


def test_no_cassette_and_a_broken_one_are_told_each_time(replaying: Callable[..., Replayer], path: Path) -> None:
    """As an exception in the thread that asks."""
    replayer = replaying()
    with pytest.raises(CassetteError, match="the cassette of acme/small-acme"):
        replayer.observations(RUN_OF, "other")
    path.unlink()
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            replayer.observations(RUN_OF, "small-acme")


async def _async_socket() -> None:
    await asyncio.open_connection("127.0.0.1", 9)


async def _sync_httpx() -> None:
    await asyncio.to_thread(httpx.get, "http://127.0.0.1:9/")


async def _own_thread() -> None:
    thread = threading.Thread(target=lambda: tried(socket.create_connection, ("127.0.0.1", 9)))
    thread.start()
    await asyncio.to_thread(thread.join)


async def _look_up() -> None:
    await asyncio.get_running_loop().getaddrinfo("a.invalid", 443)


def tried(call: Callable[..., object], *arguments: object) -> None:
    """Call and swallow what it raises, as sloppy code does."""
    try:
        call(*arguments)
    except Exception:
        return


@pytest.mark.parametrize(
    "reach", [_async_socket, _sync_httpx, pytest.param(_own_thread, marks=STARTS_ARE_REPORTED), _look_up]
)
def test_an_adapter_that_opens_a_socket_is_an_error(replaying: Callable[..., Replayer], reach: Any) -> None:
    """Although it swallows the exception and then asks as it should."""

    def adapter(spec: Any, client: Any) -> Any:
        async def send(request: Any) -> None:
            try:
                await reach()
            except Exception:
                await client.post("http://127.0.0.1:1/v1/chat/completions", json={})

        return send

    with pytest.raises(SocketOpenedError, match=r"^a socket to .* was opened while replaying c.yaml, expected none$"):
        replaying(adapter).observations(RUN_OF, "small-acme")


def test_this_thread_is_not_sealed_and_nothing_is_left(replaying: Callable[..., Replayer]) -> None:
    """Two replayers side by side, one ended: the other still plays, and the session's own sockets work."""
    one, other = replaying(), replaying()
    one.observations(RUN_OF, "small-acme")
    one.close()
    one.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    assert len(other.observations(RUN_OF, "small-acme")) == len(plan(RUN).probes)
    other.close()
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("darkhost-replayer")]


def test_what_an_adapter_leaves_running_ends_with_the_replayer(replaying: Callable[..., Replayer]) -> None:
    """No task outlives its loop."""
    ended = threading.Event()

    async def forever() -> None:
        try:
            await asyncio.sleep(600)
        finally:
            ended.set()

    kept: list[Any] = []

    def adapter(spec: Any, client: Any) -> Any:
        async def send(request: Any) -> None:
            kept.append(asyncio.get_running_loop().create_task(forever()))
            await asyncio.sleep(0)

        return send

    replayer = replaying(adapter)
    replayer.observations(RUN_OF, "small-acme")
    assert not ended.is_set()
    replayer.close()
    assert ended.is_set()
    assert all(task.cancelled() for task in kept)
