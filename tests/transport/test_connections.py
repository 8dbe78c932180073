"""
Which connection carries a request, and what is known of it: reused, fresh, dead, HTTP/2, TLS, proxied.
"""

import asyncio
import hashlib
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import trustme

from pytest_darkhost.errors import UsageError
from pytest_darkhost.observations import Connection, ErrorKind, Exchange, Mode, Phase
from pytest_darkhost.transport.inbox import Inbox
from pytest_darkhost.transport.library import Library, httpx2_library, httpx_library
from pytest_darkhost.transport.proxies import environment_proxy
from pytest_darkhost.transport.streams import ClockedStream
from transport.h2_server import H2Server, listening_h2
from transport.loopback import OK, Accept, Turn, accepting, asking, listening, saying, says_ok, target_client, venue

pytestmark = pytest.mark.asyncio
Serving = Callable[..., ssl.SSLContext]
LIBRARIES = pytest.mark.parametrize("library", [httpx_library(), httpx2_library()], ids=["httpx", "httpx2"])


def connection_of(exchange: Exchange) -> Connection:
    """Return the connection of a request that must have had one."""
    assert exchange.error is None
    assert exchange.connection is not None
    return exchange.connection


@LIBRARIES
async def test_an_open_connection_is_used_again(library: Library) -> None:
    """Requests of one client share a connection, and only the first says that it opened it."""
    async with listening(says_ok) as server, target_client(venue(server.url), library=library) as client:
        fresh = [connection_of(await client.send(asking(server.url))).fresh for _ in range(3)]
        assert server.connections == 1
    assert fresh == [True, False, False]


@LIBRARIES
async def test_fresh_opens_a_connection_of_its_own(library: Library) -> None:
    """A cold sample is cold although a connection is open; the next warm one uses the new connection."""
    async with listening(says_ok) as server, target_client(venue(server.url), library=library) as client:
        asked = [False, True, False]
        fresh = [connection_of(await client.send(asking(server.url), fresh=want)).fresh for want in asked]
        assert server.connections == 2
    assert fresh == [True, True, False]


async def test_an_idle_connection_is_kept_for_longer_than_the_library_would(monkeypatch: pytest.MonkeyPatch) -> None:
    """Warm calls may lie far apart: only the peer ends a connection."""
    async with listening(says_ok) as server, target_client(venue(server.url)) as client:
        await client.send(asking(server.url))
        later = SimpleNamespace(monotonic=lambda: time.monotonic() + 3600)
        monkeypatch.setattr("httpcore._async.http11.time", later)
        exchange = await client.send(asking(server.url))
    assert not connection_of(exchange).fresh


async def closes_soon_after(turn: Turn) -> None:
    """Answer as if the connection stayed open, and close it a moment later, as llama.cpp does after a stream."""
    await saying(OK, close=False)(turn)
    await asyncio.sleep(0.008)
    turn.keep_alive = False


@LIBRARIES
async def test_a_connection_that_is_closed_just_after_an_answer_is_not_used_again(library: Library) -> None:
    """A request that follows at once is not lost in a connection that the venue is about to close."""
    async with listening(closes_soon_after) as server, target_client(venue(server.url), library=library) as client:
        exchanges = [await client.send(asking(server.url)) for _ in range(3)]
        assert server.connections == 3
    assert [exchange.error for exchange in exchanges] == [None, None, None]


def answering(kind: str) -> bytes:
    """Return an answer of a media type."""
    return OK.replace(b"\r\n\r\n", f"\r\ncontent-type: {kind}\r\n\r\n".encode())


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses that are made between requests, in s, while they are made."""
    made: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        made.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr("pytest_darkhost.transport.wire.asyncio", SimpleNamespace(sleep=noted))
    return made


async def test_a_venue_that_left_its_connection_open_is_not_waited_for_again(pauses: list[float]) -> None:
    """One pause for each kind of answer: what closes after its streams may keep a connection after other answers."""
    kinds = iter(["application/json", "application/json", "text/event-stream", "text/event-stream", "application/json"])

    async def script(turn: Turn) -> None:
        await saying(answering(next(kinds)), close=False)(turn)

    async with listening(script) as server, target_client(venue(server.url)) as client:
        exchanges = [await client.send(asking(server.url)) for _ in range(5)]
        assert server.connections == 1
    assert [exchange.error for exchange in exchanges] == [None] * 5
    assert [pause > 0 for pause in pauses] == [True, False, True, False]


async def test_a_venue_that_closes_after_its_streams_is_waited_for_each_time(pauses: list[float]) -> None:
    """That it left the connection open after another answer says nothing of it."""
    kinds = iter(["application/json", *["text/event-stream"] * 4])

    async def script(turn: Turn) -> None:
        kind = next(kinds)
        await saying(answering(kind), close=False)(turn)
        if "stream" in kind:
            await asyncio.sleep(0.008)
            turn.keep_alive = False

    async with listening(script) as server, target_client(venue(server.url)) as client:
        exchanges = [await client.send(asking(server.url)) for _ in range(5)]
        assert server.connections == 4
    assert [exchange.error for exchange in exchanges] == [None] * 5
    assert [pause > 0 for pause in pauses] == [True, True, True, True]


async def test_a_request_that_is_lost_in_a_connection_which_was_left_open_says_so() -> None:
    """It is the venue that closed; nothing is sent twice."""
    turns = iter(range(3))

    async def script(turn: Turn) -> None:
        if next(turns) < 2:
            await saying(OK, close=False)(turn)
        else:
            turn.keep_alive = False

    async with listening(script) as server, target_client(venue(server.url)) as client:
        exchanges = [await client.send(asking(server.url)) for _ in range(3)]
        assert (server.connections, len(server.turns)) == (1, 3)
    error = exchanges[2].error
    assert error is not None
    assert (error.kind, error.phase) == (ErrorKind.CUT, Phase.FIRST_BYTE)
    assert error.message.endswith(
        "the peer closed the connection that it had left open, without an answer, expected a response"
    )


@LIBRARIES
async def test_a_connection_that_the_venue_closed_is_replaced(library: Library) -> None:
    """A venue that ends idle connections is not reported as broken."""
    async with listening(saying(OK, close=True)) as server, target_client(venue(server.url), library=library) as client:
        await client.send(asking(server.url))
        await asyncio.sleep(0.02)
        exchange = await client.send(asking(server.url))
    assert connection_of(exchange).fresh


@LIBRARIES
async def test_bytes_that_nobody_asked_for_are_no_answer_to_the_next_request(library: Library) -> None:
    """A venue that says more than one answer has spoiled the connection, although it left it open."""
    script = saying(OK, b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n", pause_s=0.02, close=False)
    async with listening(script) as server, target_client(venue(server.url), library=library) as client:
        await client.send(asking(server.url))
        await asyncio.sleep(0.05)
        exchange = await client.send(asking(server.url))
    assert exchange.status == 200
    assert connection_of(exchange).fresh


@LIBRARIES
async def test_an_answer_that_came_with_another_one_is_an_error_of_the_next_request(library: Library) -> None:
    """It was there before the request: taken for its answer it would be fast, and another's. The one after is right."""
    twice = saying(OK + b'HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{"a":1}', close=False)
    async with listening(twice) as server, target_client(venue(server.url), library=library) as client:
        first, second, third = [await client.send(asking(server.url)) for _ in range(3)]
    assert (first.body, third.body) == (b"{}", b"{}")
    assert second.error is not None
    assert (second.error.kind, second.status, second.body) == (ErrorKind.MALFORMED_HTTP, None, b"")
    assert second.error.message.endswith("before the request was sent, expected one answer to each request")
    assert connection_of(third).fresh


@LIBRARIES
async def test_an_http2_connection_that_the_venue_closed_is_replaced(
    trusted: trustme.CA, serving: Serving, library: Library
) -> None:
    """The same holds for HTTP/2, where the library would send into the closed connection."""
    script = H2Server(say_goodbye=True)
    async with listening_h2(script, serving(protocols=("h2",))) as server:
        url = f"https://127.0.0.1:{server.port}"
        async with target_client(venue(url), library=library) as client:
            await client.send(asking(url))
            await asyncio.sleep(0.02)
            exchange = await client.send(asking(url))
    assert connection_of(exchange).fresh


@LIBRARIES
async def test_http2_is_spoken_where_the_venue_offers_it(
    trusted: trustme.CA, serving: Serving, library: Library
) -> None:
    """By ALPN, over one connection, with the key in the header and the body whole."""
    async with listening_h2(H2Server(pieces=(b"{", b"}")), serving(protocols=("h2", "http/1.1"))) as server:
        url = f"https://127.0.0.1:{server.port}"
        async with target_client(venue(url), library=library) as client:
            exchanges = [await client.send(asking(url)) for _ in range(2)]
        assert server.connections == 1
        assert all(request["authorization"].startswith("Bearer ") for request in server.requests)
    assert [(e.status, e.http_version, e.body, e.mode, e.error) for e in exchanges] == [
        (200, "2", b"{}", Mode.LIVE, None)
    ] * 2
    assert not connection_of(exchanges[1]).fresh


async def test_an_http2_stream_that_is_reset_is_cut(trusted: trustme.CA, serving: Serving) -> None:
    """What arrived before is kept."""
    async with listening_h2(H2Server(pieces=(b"abc",), reset=True), serving(protocols=("h2",))) as server:
        url = f"https://127.0.0.1:{server.port}"
        async with target_client(venue(url)) as client:
            exchange = await client.send(asking(url))
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.CUT


async def test_broken_http2_is_malformed(trusted: trustme.CA, serving: Serving) -> None:
    """Data on stream 0 is an error of the connection (RFC 9113, 6.1)."""

    async def breaks_rules(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(bytes(9))
        await asyncio.sleep(60)

    async with (
        accepting(breaks_rules, serving(protocols=("h2",))) as port,
        target_client(venue(f"https://127.0.0.1:{port}")) as client,
    ):
        exchange = await client.send(asking(f"https://127.0.0.1:{port}"))
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.MALFORMED_HTTP


@LIBRARIES
async def test_the_facts_of_tls_are_recorded(trusted: trustme.CA, serving: Serving, library: Library) -> None:
    """Version, digest of the leaf certificate, whether it was verified, and who was trusted, on every request."""
    context = serving()
    async with listening(says_ok, context) as server, target_client(venue(server.url), library=library) as client:
        exchanges = [await client.send(asking(server.url)) for _ in range(2)]
        leaf = ssl.PEM_cert_to_DER_cert(await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", server.port)))
    for exchange in exchanges:
        connection = connection_of(exchange)
        assert connection.tls_version == "1.3"
        assert connection.tls_certificate_sha256 == hashlib.sha256(leaf).hexdigest().upper()
        assert connection.tls_verified is True
        assert connection.ca_source == "SSL_CERT_FILE"
        assert connection.peer_address == f"127.0.0.1:{server.port}"


async def test_a_certificate_file_that_is_missing_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The variable is named before anything is sent."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
    with pytest.raises(UsageError, match=r"SSL_CERT_FILE: .*nowhere.pem cannot be read"):
        async with target_client(venue("https://127.0.0.1:1")):
            pass


def tunnel_to(port: int, heads: list[str], answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> Accept:
    """Return a proxy that connects whoever asks to a port of this machine, and notes what it was asked."""

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(answer)
        if b" 200 " not in answer:
            await writer.drain()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            far_writer.close()

    return proxy


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@LIBRARIES
async def test_the_proxy_of_the_environment_is_used_and_recorded_without_its_password(
    trusted: trustme.CA, serving: Serving, monkeypatch: pytest.MonkeyPatch, library: Library
) -> None:
    """The request goes through the tunnel; TLS is the venue's, the peer is the proxy."""
    heads: list[str] = []
    async with (
        listening(says_ok, serving("venue.test")) as server,
        accepting(tunnel_to(server.port, heads)) as port,
    ):
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:p4ssw0rd@127.0.0.1:{port}")
        async with target_client(venue("https://venue.test"), library=library) as client:
            exchange = await client.send(asking("https://venue.test"))
    connection = connection_of(exchange)
    assert exchange.body == b"{}"
    assert connection.proxy == f"http://127.0.0.1:{port}"
    assert connection.peer_address == f"127.0.0.1:{port}"
    assert connection.tls_version == "1.3"
    assert heads[0].startswith("CONNECT venue.test:443 ")
    assert "proxy-authorization: basic" in heads[0].lower()
    assert "p4ssw0rd" not in repr(exchange)
    assert exchange.marks.tls_ns is not None
    assert exchange.marks.request_sent_ns is not None
    assert exchange.marks.tls_ns < exchange.marks.request_sent_ns


async def test_a_proxy_that_refuses_is_a_proxy_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The venue is not blamed for a tunnel that was refused."""
    refusal = b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"
    async with accepting(tunnel_to(0, [], refusal)) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        async with target_client(venue("https://venue.test")) as client:
            exchange = await client.send(asking("https://venue.test"))
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.PROXY
    assert "502 Bad Gateway" in exchange.error.message


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_down_is_a_proxy_error(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """Refused by the proxy is not refused by the venue."""
    async with listening(says_ok) as server:
        port = server.port
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://user:p4ssw0rd@127.0.0.1:{port}")
    async with target_client(venue(f"{scheme}://venue.test")) as client:
        exchange = await client.send(asking(f"{scheme}://venue.test"))
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.PROXY
    assert f"http://127.0.0.1:{port} did not connect (Connection refused)" in exchange.error.message
    assert "p4ssw0rd" not in repr(exchange)


async def test_a_socks_proxy_without_its_package_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named, and nothing is tried without the proxy."""
    monkeypatch.setattr("pytest_darkhost.transport.proxies.find_spec", lambda _name: None)
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    with pytest.raises(UsageError, match=r"Install pytest-darkhost\[socks\]"):
        async with target_client(venue("https://venue.test")):
            pass


async def test_an_http_proxy_forwards_cleartext_and_may_want_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    """A forward proxy gets the whole URL; its 407 is its own, not the venue's."""
    async with listening(saying(OK, close=False)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        async with target_client(venue("http://venue.test")) as client:
            exchange = await client.send(asking("http://venue.test"))
        assert proxy.turns[0].head.startswith("POST http://venue.test/v1/chat/completions ")
    assert connection_of(exchange).proxy == proxy.url
    async with listening(saying(b"HTTP/1.1 407 Nobody\r\ncontent-length: 0\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        async with target_client(venue("http://venue.test")) as client:
            exchange = await client.send(asking("http://venue.test"))
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.status) == (ErrorKind.PROXY, 407)


@pytest.mark.parametrize(
    ("environment", "url", "expected"),
    [
        ({"HTTPS_PROXY": "http://p.test:3128"}, "https://venue.test", "http://p.test:3128"),
        ({"https_proxy": "p.test:3128"}, "https://venue.test", "http://p.test:3128"),
        ({"ALL_PROXY": "https://p.test"}, "http://venue.test", "https://p.test"),
        ({"HTTPS_PROXY": "http://p.test"}, "http://venue.test", None),
        ({"ALL_PROXY": "http://p.test", "NO_PROXY": "venue.test"}, "https://api.venue.test", None),
        ({"ALL_PROXY": "http://p.test", "NO_PROXY": "*"}, "https://venue.test", None),
        ({"ALL_PROXY": "http://p.test"}, "http://127.0.0.1:8000", None),
        ({"ALL_PROXY": "http://p.test"}, "http://localhost:8000", None),
        ({"ALL_PROXY": "http://p.test"}, "http://[::1]:8000", None),
        ({}, "https://venue.test", None),
    ],
)
async def test_the_environment_chooses_the_proxy(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str, expected: str | None
) -> None:
    """The usual variables in either case, their exceptions, and never for this machine."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    route = environment_proxy(url, httpx_library())
    assert (route.url if route else None) == expected


@pytest.mark.parametrize("url", ["ftp://user:p4ssw0rd@p.test", "http://user:p4ssw0rd@p.test:port", "http://:p4ssw0rd@"])
async def test_a_proxy_that_cannot_be_used_is_a_usage_error_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """The variable is named, the value is not shown."""
    monkeypatch.setenv("HTTPS_PROXY", url)
    with pytest.raises(UsageError, match="HTTPS_PROXY: a proxy") as caught:
        async with target_client(venue("https://venue.test")):
            pass
    assert "p4ssw0rd" not in str(caught.value)


async def test_a_request_arrives_as_the_dialect_built_it() -> None:
    """The transport adds the key, asks for no compression, and changes neither body nor other headers."""
    async with listening(says_ok) as server, target_client(venue(server.url)) as client:
        exchange = await client.send(asking(server.url, b'{"a": "\xc3\xa9"}'))
        turn: Turn = server.turns[0]
    head = turn.head.lower()
    assert turn.head.startswith("POST /v1/chat/completions HTTP/1.1")
    assert turn.body == exchange.request_body == b'{"a": "\xc3\xa9"}'
    assert "content-type: application/json" in head
    assert "accept-encoding: identity" in head
    assert "user-agent: pytest-darkhost/" in head
    assert exchange.url == f"{server.url}/v1/chat/completions"


class Closing:
    """A transport that notes how it is closed."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def close(self) -> None:
        """Begin the farewell."""
        self.calls.append("close")

    def abort(self) -> None:
        """End without one."""
        self.calls.append("abort")


async def test_a_close_that_is_cancelled_ends_the_connection_all_the_same() -> None:
    """A run that ends just then leaves no TLS connection to the peer's good will."""
    transport = Closing()
    backend = SimpleNamespace(core=None, forget=lambda stream: None)
    closing = asyncio.ensure_future(ClockedStream(backend, transport, Inbox(), None).aclose())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert transport.calls == ["close", "abort"]
