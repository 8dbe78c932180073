"""Clients over a player: what an adapter and our own requests meet is what was recorded, and no socket is opened."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import httpx2
import pytest

from pytest_darkhost.errors import AdapterError
from pytest_darkhost.observations import Chunk, ErrorKind, Exchange, Phase, ProbeError
from pytest_darkhost.transport.client import TargetClient
from pytest_darkhost.transport.sealing import seal, unseal
from support.cassettes import exchange_of, failure_of
from transport.loopback import CANARY, asking, target_client, venue

pytestmark = pytest.mark.asyncio
URL = "https://api.acme.example"
CLIENTS = pytest.mark.parametrize(
    "client_of", [TargetClient.http_client, TargetClient.httpx2_client], ids=["httpx", "httpx2"]
)
ClientOf = Callable[[TargetClient], Any]
PIECES = (Chunk(1, b"data: 1\n\n"), Chunk(5, b"data: \xff"))


def failed(kind: ErrorKind, status: int | None = 200) -> ProbeError:
    """Return a failure of the transport."""
    return ProbeError(kind, "api.acme.example: it broke", Phase.BODY, status)


class Deck:
    """A player that plays what it was given, in order, and keeps what was asked."""

    def __init__(self, *exchanges: Exchange) -> None:
        self.left = list(exchanges)
        self.asked: list[tuple[Any, ...]] = []

    def play(self, *asked: Any) -> Exchange:
        """Return the next exchange."""
        self.asked.append(asked)
        return self.left.pop(0)


@contextmanager
def no_socket() -> Iterator[None]:
    """Fail where a socket is opened."""
    reached: list[str] = []
    seal(reached.append)
    try:
        yield
    finally:
        unseal(reached.append)
    assert reached == []


async def test_our_own_request_is_answered_from_the_player() -> None:
    """Method, URL, kept headers and body are asked for; what is played is what is seen, without our own lag."""
    played = exchange_of(b"", chunks=PIECES, loop_lag_ms=1.5)
    deck = Deck(played)
    with no_socket():
        async with target_client(venue(URL), player=deck) as target:
            assert await target.send(asking(URL)) is played
    accept = ("accept", "*/*")
    headers = (accept, ("content-type", "application/json"))
    assert deck.asked == [("POST", f"{URL}/v1/chat/completions", headers, b'{"model": "small"}')]


async def test_the_key_is_in_nothing_that_is_compared() -> None:
    """Neither in URL, headers nor body, and no user information either."""
    deck = Deck(exchange_of(), exchange_of())
    async with target_client(venue(URL), player=deck) as target:
        await target.send(asking(URL, CANARY.encode()))
        call = lambda: target.http_client().post(f"https://me:{CANARY}@api.acme.example/?k={CANARY}")  # noqa: E731
        await target.record(call, fresh=True)
    assert CANARY not in repr(deck.asked)
    assert "me:" not in repr(deck.asked)


@CLIENTS
async def test_an_adapter_reads_what_was_recorded(client_of: ClientOf) -> None:
    """Status, headers beyond ASCII, and the chunks as they came."""
    deck = Deck(exchange_of(b"", chunks=PIECES, status=429, headers=(("x-request-id", "résumé"),)))
    got: list[bytes] = []
    with no_socket():
        async with target_client(venue(URL), player=deck) as target:

            async def call() -> None:
                async with client_of(target).stream("POST", URL) as answer:
                    got.extend([piece async for piece in answer.aiter_raw()])
                    assert (answer.status_code, answer.headers["x-request-id"]) == (429, "résumé")

            exchange, raised = await target.record(call, fresh=True)
    assert raised is None
    assert exchange is not None
    assert got == [chunk.data for chunk in PIECES]


RAISED = {
    ErrorKind.CANNOT_RESOLVE: "ConnectError",
    ErrorKind.CONNECTION_REFUSED: "ConnectError",
    ErrorKind.TLS: "ConnectError",
    ErrorKind.TIMEOUT_CONNECT: "ConnectTimeout",
    ErrorKind.TIMEOUT_FIRST_BYTE: "ReadTimeout",
    ErrorKind.NOT_RECORDED: "LocalProtocolError",
}


@CLIENTS
@pytest.mark.parametrize("kind", RAISED)
async def test_a_failure_is_the_library_s_own_exception(client_of: ClientOf, kind: ErrorKind) -> None:
    """Production's handling of errors sees what it would see in production."""
    recorded = failure_of(error=failed(kind, None))
    async with target_client(venue(URL), player=Deck(recorded)) as target:
        exchange, raised = await target.record(lambda: client_of(target).post(URL), fresh=True)
    assert type(raised).__name__ == RAISED[kind]
    assert isinstance(raised, (httpx.TransportError, httpx2.TransportError))
    assert exchange is recorded


@CLIENTS
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (ErrorKind.CUT, "RemoteProtocolError"),
        (ErrorKind.TIMEOUT_BODY, "ReadTimeout"),
        (ErrorKind.TOO_LARGE, "ReadError"),
    ],
)
async def test_a_cut_stream_breaks_where_it_broke(client_of: ClientOf, kind: ErrorKind, name: str) -> None:
    """After the chunks that came, once; closed early, it breaks nothing."""
    recorded = exchange_of(b"", chunks=PIECES, error=failed(kind))
    got: list[bytes] = []

    async def read_all(client: Any) -> None:
        async with client.stream("POST", URL) as answer:
            async for piece in answer.aiter_raw():
                got.append(piece)

    async def leave_early(client: Any) -> None:
        async with client.stream("POST", URL) as answer:
            await anext(answer.aiter_raw())

    async with target_client(venue(URL), player=Deck(recorded, recorded)) as target:
        exchange, raised = await target.record(lambda: read_all(client_of(target)), fresh=True)
        early, unharmed = await target.record(lambda: leave_early(client_of(target)), fresh=True)
    assert got == [chunk.data for chunk in PIECES]
    assert type(raised).__name__ == name
    assert (exchange, early, unharmed) == (recorded, recorded, None)


@CLIENTS
@pytest.mark.parametrize(("kind", "status"), [(ErrorKind.REDIRECTED, 302), (ErrorKind.PROXY, 407)])
async def test_an_answer_that_is_an_error_is_still_an_answer(client_of: ClientOf, kind: ErrorKind, status: int) -> None:
    """A redirect came whole: its body breaks nothing, as it did not when it was live."""
    recorded = exchange_of(b"moved", status=status, error=failed(kind, status))
    async with target_client(venue(URL), player=Deck(recorded)) as target:
        got: list[Any] = []

        async def call() -> None:
            got.append(await client_of(target).post(URL))

        exchange, raised = await target.record(call, fresh=True)
    assert raised is None
    assert (got[0].status_code, got[0].content) == (status, b"moved")
    assert exchange is recorded


async def test_a_request_that_was_given_up_is_an_error_of_the_library() -> None:
    """Neither status nor error was recorded: an adapter waits for nothing."""
    async with target_client(venue(URL), player=Deck(failure_of(error=None))) as target:
        exchange, raised = await target.record(lambda: target.http_client().post(URL), fresh=True)
    assert isinstance(raised, httpx.LocalProtocolError)
    assert exchange is not None


@CLIENTS
async def test_a_second_request_is_refused_and_takes_nothing(client_of: ClientOf) -> None:
    """What the cassette holds for the next probe is still there."""
    deck = Deck(exchange_of(b"1", status=429), exchange_of(b"2"))
    async with target_client(venue(URL), player=deck) as target:

        async def twice() -> None:
            await client_of(target).post(URL)
            await client_of(target).post(f"{URL}/again?key={CANARY}")

        first, raised = await target.record(twice, fresh=True)
        second, _ = await target.record(lambda: client_of(target).post(URL), fresh=False)
    assert isinstance(raised, AdapterError)
    assert "a second request within one probe" in str(raised)
    assert CANARY not in str(raised)
    assert [each.body for each in (first, second) if each] == [b"1", b"2"]


async def test_a_request_outside_a_probe_is_refused() -> None:
    """And takes nothing either."""
    deck = Deck(exchange_of())
    async with target_client(venue(URL), player=deck) as target:
        with pytest.raises(AdapterError, match="a request outside a probe"):
            await target.http_client().post(URL)
    assert len(deck.left) == 1
