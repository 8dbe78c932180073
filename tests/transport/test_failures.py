"""
Every failure of the wire, provoked on loopback, becomes the one error that says what it was.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from pytest_darkhost.observations import ErrorKind, Exchange, Mode, Phase
from pytest_darkhost.specs.models import VenueSpec
from transport.loopback import (
    CHUNKED,
    OK,
    Script,
    Turn,
    accepting,
    asking,
    chunk,
    listening,
    saying,
    says_ok,
    stays_silent,
    target_client,
    venue,
)

pytestmark = pytest.mark.asyncio
Serving = Callable[..., ssl.SSLContext]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"


async def seen(spec: VenueSpec, body: bytes = b"{}") -> Exchange:
    """Return what one request to a venue saw."""
    async with target_client(spec) as client:
        return await client.send(asking(spec.base_url, body))


async def seen_from(script: Script, **ceilings: Any) -> Exchange:
    """Return what one request to a server with this script saw."""
    async with listening(script) as server:
        return await seen(venue(server.url, **ceilings))


def unused_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


async def test_a_port_without_a_server_is_connection_refused() -> None:
    """The kernel's refusal is told apart, is retryable, and counts as an attempt that was really made."""
    exchange = await seen(venue(f"http://127.0.0.1:{unused_port()}"))
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.phase) == (ErrorKind.CONNECTION_REFUSED, Phase.CONNECT)
    assert exchange.error.retryable
    assert exchange.mode is Mode.LIVE


async def test_both_addresses_of_localhost_that_refuse_are_connection_refused() -> None:
    """A name with several addresses gives one refusal, not a list of exceptions."""
    exchange = await seen(venue(f"http://localhost:{unused_port()}"))
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.CONNECTION_REFUSED
    assert exchange.marks.dns_ns is not None


@pytest.mark.parametrize("host", ["nothing.invalid", f"{'a' * 70}.invalid"])
async def test_a_name_that_nobody_has_cannot_be_resolved(host: str) -> None:
    """Unknown names, and labels that DNS does not allow, are errors of the name (RFC 6761, 6.4; RFC 1035, 2.3.4)."""
    exchange = await seen(venue(f"http://{host}"))
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.phase) == (ErrorKind.CANNOT_RESOLVE, Phase.RESOLVE)
    assert host in exchange.error.message


async def test_a_lookup_that_hangs_is_a_time_out_of_connecting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connect time-out covers the lookup."""

    async def hangs(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", hangs)
    exchange = await seen(venue("http://slow.invalid", connect_timeout_ms=30))
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.phase) == (ErrorKind.TIMEOUT_CONNECT, Phase.RESOLVE)


async def test_a_server_that_takes_no_connection_is_a_time_out_of_connecting() -> None:
    """A full queue of the kernel leaves the connection unanswered."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        exchange = await seen(venue(f"http://127.0.0.1:{listener.getsockname()[1]}", connect_timeout_ms=40))
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.phase) == (ErrorKind.TIMEOUT_CONNECT, Phase.CONNECT)
    assert "40 ms" in exchange.error.message


async def test_a_server_that_answers_no_handshake_is_a_time_out_of_tls() -> None:
    """TCP stands, TLS does not."""

    async def accepts(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with accepting(accepts) as port:
        exchange = await seen(venue(f"https://127.0.0.1:{port}", connect_timeout_ms=40))
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.phase) == (ErrorKind.TIMEOUT_TLS, Phase.TLS)
    assert exchange.marks.tcp_ns is not None
    assert exchange.marks.tls_ns is None


async def test_a_server_without_tls_is_a_tls_error() -> None:
    """An HTTP answer to a handshake is no TLS session."""

    async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    async with accepting(answers) as port:
        exchange = await seen(venue(f"https://127.0.0.1:{port}"))
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.phase) == (ErrorKind.TLS, Phase.TLS)


async def test_a_peer_that_closes_within_the_handshake_is_a_failed_connection() -> None:
    """Nothing is wrong with a certificate, and another attempt may succeed."""

    async def closes(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read(1)

    async with accepting(closes) as port:
        exchange = await seen(venue(f"https://127.0.0.1:{port}"))
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.phase) == (ErrorKind.CONNECTION_FAILED, Phase.TLS)


@pytest.mark.parametrize(
    ("authority", "name", "words"),
    [
        (trustme.CA(), "127.0.0.1", "issuer certificate"),
        (None, "elsewhere.example", "IP address mismatch"),
    ],
    ids=["unknown authority", "wrong host"],
)
async def test_a_certificate_that_does_not_hold_is_a_tls_error_with_its_reason(
    trusted: trustme.CA, serving: Serving, authority: trustme.CA | None, name: str, words: str
) -> None:
    """An unknown authority and another host's certificate are refused, with OpenSSL's own words, before any request."""
    async with listening(says_ok, serving(name, authority=authority or trusted)) as server:
        exchange = await seen(venue(server.url))
        assert server.turns == []
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.TLS
    assert words in exchange.error.message
    assert not exchange.error.retryable


async def test_a_server_that_reads_nothing_is_a_time_out_of_writing() -> None:
    """A body that the peer does not take blocks the request, not the answer."""

    async def reads_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.sleep(60)

    async with accepting(reads_nothing) as port:
        exchange = await seen(venue(f"http://127.0.0.1:{port}", first_byte_timeout_ms=60), b"x" * 20_000_000)
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.phase) == (ErrorKind.TIMEOUT_WRITE, Phase.WRITE)
    assert exchange.marks.request_sent_ns is None


async def test_a_silent_server_is_a_time_out_of_the_first_byte() -> None:
    """The request went out and nothing came back."""
    exchange = await seen_from(stays_silent, first_byte_timeout_ms=40)
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.phase) == (ErrorKind.TIMEOUT_FIRST_BYTE, Phase.FIRST_BYTE)
    assert exchange.marks.request_sent_ns is not None
    assert exchange.status is None
    assert "40 ms" in exchange.error.message


async def test_silence_within_a_body_is_a_time_out_of_the_body() -> None:
    """What came before the silence is kept."""
    exchange = await seen_from(saying(HEAD + b"abc", b"", pause_s=60), first_byte_timeout_ms=40)
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.phase) == (ErrorKind.TIMEOUT_BODY, Phase.BODY)
    assert (exchange.status, exchange.body) == (200, b"abc")


async def drips(turn: Turn) -> None:
    """Answer for ever, a little every 10 ms."""
    await turn.write(CHUNKED)
    while True:
        await turn.write(chunk(b": keep-alive\n\n"))
        await asyncio.sleep(0.01)


async def test_an_endless_body_ends_at_the_total_time_out() -> None:
    """Each read is in time, the whole is not; comments do not keep a request alive for ever."""
    exchange = await seen_from(drips, first_byte_timeout_ms=1000, total_timeout_ms=120)
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.phase) == (ErrorKind.TIMEOUT_BODY, Phase.BODY)
    assert "120 ms of the whole request" in exchange.error.message
    assert exchange.body.startswith(b": keep-alive")
    assert exchange.marks.end_ns is not None
    assert exchange.marks.end_ns > 100e6


async def test_silence_within_a_body_ends_at_the_total_time_out_where_that_comes_first() -> None:
    """A body may be silent for long, but for no longer than the whole request may last."""
    exchange = await seen_from(
        saying(HEAD + b"abc", b"", pause_s=60), first_byte_timeout_ms=60_000, total_timeout_ms=120
    )
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.phase) == (ErrorKind.TIMEOUT_BODY, Phase.BODY)
    assert "120 ms of the whole request" in exchange.error.message
    assert exchange.body == b"abc"


async def drips_headers(turn: Turn) -> None:
    """Begin an answer and never finish its head."""
    await turn.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        await asyncio.sleep(0.01)
        await turn.write(b"x: y\r\n")


async def test_an_endless_head_ends_at_the_total_time_out() -> None:
    """Headers are bounded in time as bodies are."""
    exchange = await seen_from(drips_headers, first_byte_timeout_ms=1000, total_timeout_ms=120)
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.TIMEOUT_FIRST_BYTE


async def floods(turn: Turn) -> None:
    """Answer for ever, as fast as the client takes it."""
    await turn.write(CHUNKED)
    while True:
        await turn.write(chunk(b"x" * 4096))


@pytest.mark.parametrize(
    "script",
    [floods, saying(b"HTTP/1.1 200 OK\r\ncontent-length: 50000\r\n\r\n" + b"x" * 50_000)],
    ids=["endless", "huge"],
)
async def test_a_body_beyond_the_ceiling_is_too_large(script: Script) -> None:
    """What fits is kept, and no more is read."""
    exchange = await seen_from(script, body_bytes=10_000)
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.TOO_LARGE
    assert exchange.body == b"x" * 10_000


async def test_a_body_in_more_pieces_than_are_kept_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece costs far more memory than the byte that it may have, so they are counted, too."""
    monkeypatch.setattr("pytest_darkhost.transport.recording.MOST_PIECES", 100)
    exchange = await seen_from(saying(CHUNKED + chunk(b"x") * 1000))
    assert exchange.error is not None
    assert (exchange.error.kind, len(exchange.chunks)) == (ErrorKind.TOO_LARGE, 101)
    assert exchange.error.message.endswith("the body came in more than 100 pieces, expected at most that")


async def test_a_body_of_exactly_the_ceiling_passes() -> None:
    """The ceiling is the last allowed size."""
    exchange = await seen_from(saying(HEAD + b"123456789"), body_bytes=9)
    assert exchange.error is None
    assert exchange.body == b"123456789"


@pytest.mark.parametrize(
    ("script", "body"),
    [
        (saying(HEAD + b"abc"), b"abc"),
        (saying(CHUNKED + chunk(b"abc") + b"5\r\nde"), b"abcde"),
        (saying(CHUNKED + chunk(b"abc")), b"abc"),
        (saying(b""), b""),
        (saying(b"HTTP/1.1 200 OK\r\ncontent-le"), b""),
    ],
    ids=["content-length", "within a chunk", "between chunks", "before the answer", "within the head"],
)
async def test_a_connection_closed_early_is_cut(script: Script, body: bytes) -> None:
    """An end before the announced one is never a success, wherever it comes; what arrived is kept."""
    exchange = await seen_from(script)
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.CUT
    assert exchange.body == body


@pytest.mark.parametrize("head", [HEAD, b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"], ids=["length", "no length"])
async def test_a_reset_within_the_body_is_cut(head: bytes) -> None:
    """A reset is a cut, also of a body that only the end of the connection ends; what arrived is kept."""

    async def resets(turn: Turn) -> None:
        await turn.write(head + b"abc")
        await asyncio.sleep(0.03)
        turn.reset()

    exchange = await seen_from(resets)
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.body) == (ErrorKind.CUT, b"abc")


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        CHUNKED + b"zz\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
    ],
    ids=["another protocol", "status line", "chunk header", "two lengths"],
)
async def test_an_answer_against_the_rules_is_malformed(answer: bytes) -> None:
    """What is no HTTP is told apart from what ends early."""
    exchange = await seen_from(saying(answer, b"", pause_s=60))
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.MALFORMED_HTTP


async def test_a_redirect_is_reported_and_not_followed() -> None:
    """The error says where it pointed, without query and user; the key goes nowhere else."""
    async with listening(says_ok) as elsewhere:
        target = f"http://user:word@127.0.0.1:{elsewhere.port}/v2?token=secret"
        answer = f"HTTP/1.1 307 Temporary Redirect\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n"
        exchange = await seen_from(saying(answer.encode()))
        assert elsewhere.connections == 0
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.status) == (ErrorKind.REDIRECTED, 307)
    assert exchange.error.location == f"http://127.0.0.1:{elsewhere.port}/v2"
    assert "secret" not in exchange.error.message
    assert exchange.mode is Mode.LIVE


async def test_a_redirect_of_any_length_is_told_in_short() -> None:
    """A target of kilobytes is cut."""
    head = b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: /" + b"v" * 50_000 + b"\r\n\r\n"
    exchange = await seen_from(saying(head))
    assert exchange.error is not None
    assert exchange.error.location == "/" + "v" * 298 + "…"
    assert len(exchange.error.message) < 400


async def test_a_redirect_whose_body_is_cut_is_still_a_redirect() -> None:
    """The first error of a request stands: it is the cause."""
    exchange = await seen_from(saying(b"HTTP/1.1 302 Found\r\nlocation: /v2\r\ncontent-length: 9\r\n\r\nabc"))
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.error.location) == (ErrorKind.REDIRECTED, "/v2")


async def test_a_body_that_the_close_ends_is_whole() -> None:
    """Without a length a clean end of the connection ends the body (RFC 9112, 6.3)."""
    exchange = await seen_from(saying(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc"))
    assert (exchange.error, exchange.body) == (None, b"abc")


async def test_an_error_status_is_no_error_of_the_wire() -> None:
    """What a venue refuses is read by the dialect; its body is kept."""
    answer = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 2\r\ncontent-length: 2\r\n\r\n{}"
    exchange = await seen_from(saying(answer))
    assert (exchange.status, exchange.error, exchange.body) == (429, None, b"{}")
    assert exchange.header("Retry-After") == "2"


async def test_an_address_that_is_not_the_venues_is_not_called() -> None:
    """The key is for the origin of the spec alone: another port is another server."""
    async with listening(says_ok) as server, listening(says_ok) as other, target_client(venue(server.url)) as client:
        exchange = await client.send(asking(other.url))
        assert other.connections == 0
    assert exchange.error is not None
    assert (exchange.error.kind, exchange.mode) == (ErrorKind.INTERNAL, Mode.UNSEEN)


async def test_an_error_leaves_no_trace_in_the_next_request() -> None:
    """After a cut connection the same client opens another and succeeds."""
    answers = iter([saying(HEAD + b"a"), saying(OK, close=False)])

    async def alternates(turn: Turn) -> None:
        await next(answers)(turn)

    async with listening(alternates) as server, target_client(venue(server.url)) as client:
        first = await client.send(asking(server.url))
        second = await client.send(asking(server.url))
    assert first.error is not None
    assert (second.error, second.body) == (None, b"{}")
    assert second.connection is not None
    assert second.connection.fresh
