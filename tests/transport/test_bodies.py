"""
Bodies and headers as an exchange keeps them: decoded, bounded, without keys and cookies.
"""

import gzip
import logging
import ssl
import zlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import trustme

from pytest_darkhost.observations import ErrorKind, Exchange
from pytest_darkhost.probes import Key
from pytest_darkhost.secrets import REFUSED_KEY, Credential, Redactor
from pytest_darkhost.specs.access import Auth
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.transport.auth import auth_for, belongs_to
from pytest_darkhost.transport.decoding import DecodingError, decoder_for
from pytest_darkhost.transport.library import httpx2_library, httpx_library
from transport.h2_server import H2Server, listening_h2
from transport.loopback import CANARY, CHUNKED, OK, Turn, asking, chunk, listening, saying, target_client, venue

pytestmark = pytest.mark.asyncio
TEXT = b'{"text": "' + b"token " * 40 + b'"}'


def raw_deflate(data: bytes) -> bytes:
    """Return deflate without the wrapper that the standard asks for."""
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


def encoded(encoding: str, *pieces: bytes) -> tuple[bytes, ...]:
    """Return a chunked answer with a content encoding."""
    head = CHUNKED.replace(b"\r\n\r\n", b"\r\ncontent-encoding: %s\r\n\r\n" % encoding.encode())
    return head, *(chunk(piece) for piece in pieces), chunk(b"")


async def seen(*answer: bytes, pause_s: float = 0.0, **ceilings: Any) -> Exchange:
    """Return what one request saw of an answer."""
    script = saying(*answer, pause_s=pause_s)
    async with listening(script) as server, target_client(venue(server.url, **ceilings)) as client:
        return await client.send(asking(server.url))


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:50]) + gzip.compress(TEXT[50:])),
        ("GZip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("identity", TEXT),
    ],
    ids=["gzip", "gzip in two members", "upper case", "x-gzip", "deflate", "raw deflate", "identity"],
)
async def test_an_encoded_body_is_decoded(encoding: str, data: bytes) -> None:
    """We ask for no encoding; where a venue encodes anyway, the body is still read, in whatever pieces it comes."""
    exchange = await seen(*encoded(encoding, data[:7], data[7:20], data[20:]))
    assert exchange.error is None
    assert exchange.body == TEXT


async def test_an_encoded_stream_keeps_the_times_of_its_pieces() -> None:
    """Each flushed piece is stamped with the arrival of the bytes that it came from."""
    engine = zlib.compressobj(wbits=31)
    pieces = [engine.compress(b"data: %d\n\n" % i) + engine.flush(zlib.Z_SYNC_FLUSH) for i in range(3)]
    exchange = await seen(*encoded("gzip", *pieces, engine.flush()), pause_s=0.03)
    assert [piece.data for piece in exchange.chunks] == [b"data: 0\n\n", b"data: 1\n\n", b"data: 2\n\n"]
    assert all(after.at_ns - before.at_ns > 20e6 for before, after in pairwise(exchange.chunks))


async def test_a_compressed_bomb_is_too_large_and_never_unpacked() -> None:
    """10 MB in 10 kB: the ceiling holds for what is decoded."""
    exchange = await seen(*encoded("gzip", gzip.compress(bytes(10_000_000), 6)), body_bytes=200_000)
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.TOO_LARGE
    assert exchange.body == bytes(200_000)


async def test_a_decoder_makes_at_most_one_byte_more_than_asked() -> None:
    """The bound is the decoder's own, not that of whoever trims its result."""
    decoder = decoder_for("gzip")
    assert len(decoder.decode(gzip.compress(bytes(1_000_000)), 100)) == 101


@pytest.mark.parametrize(
    ("encoding", "data", "kind"),
    [
        ("gzip", b"not gzip at all", ErrorKind.MALFORMED_HTTP),
        ("gzip", gzip.compress(TEXT)[:-9], ErrorKind.CUT),
        ("br", b"\x0b\x00\x80", ErrorKind.MALFORMED_HTTP),
        ("gzip, br", gzip.compress(TEXT), ErrorKind.MALFORMED_HTTP),
    ],
    ids=["corrupt", "ends early", "an encoding not asked for", "two encodings"],
)
async def test_a_body_that_does_not_decode_is_an_error(encoding: str, data: bytes, kind: ErrorKind) -> None:
    """Never a body of rubbish that looks like a bad answer of the model."""
    exchange = await seen(*encoded(encoding, data))
    assert exchange.error is not None
    assert exchange.error.kind is kind
    assert exchange.status == 200


async def test_an_unknown_encoding_is_named() -> None:
    """The reader learns what the venue sent, cut short if it is long."""
    with pytest.raises(DecodingError, match="'zstd', expected none"):
        decoder_for("zstd")


async def test_an_empty_body_with_an_encoding_is_empty() -> None:
    """Some servers name an encoding on answers without a body."""
    exchange = await seen(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n")
    assert (exchange.error, exchange.body) == (None, b"")


async def test_headers_are_kept_but_for_cookies_and_accounts() -> None:
    """Names in lower case, all values in order; what identifies the account is left out."""
    exchange = await seen(
        b"HTTP/1.1 200 OK\r\nX-Request-Id: r1\r\nSet-Cookie: a=b\r\nOpenAI-Organization: org\r\n"
        b"anthropic-organization-id: org\r\nX-Account: me\r\nWarning: one\r\nWarning: two\r\nContent-Length: 0\r\n\r\n"
    )
    assert exchange.headers == (
        ("x-request-id", "r1"),
        ("warning", "one"),
        ("warning", "two"),
        ("content-length", "0"),
    )


@pytest.mark.parametrize(
    "cookies",
    [[b"c=" + b"v1" * 2000], [b"c=%d" % number + b"a1b2" * 40 for number in range(10, 60)]],
    ids=["one", "many"],
)
async def test_a_long_cookie_is_removed_from_the_body(cookies: list[bytes]) -> None:
    """Session cookies may have thousands of characters. The key of the host's own user is in none of what is kept."""
    told = cookies[-1].partition(b"=")[2]
    lines = b"".join(b"set-cookie: " + cookie + b"\r\n" for cookie in cookies)
    answer = b"HTTP/1.1 200 OK\r\n" + lines + b"content-length: %d\r\n\r\n" % len(told) + told
    exchange = await seen(answer)
    assert exchange.error is None
    assert exchange.body == b"*" * len(told)


async def test_cookies_without_end_are_too_large() -> None:
    """To look for all of them would take longer than the call."""
    lines = b"".join(b"x-account-%d: a1b2c3d4e5f6%d\r\n" % (number, number) for number in range(2500))
    exchange = await seen(b"HTTP/1.1 200 OK\r\n" + lines + b"content-length: 2\r\n\r\n{}")
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.TOO_LARGE
    assert exchange.error.message.endswith("more than 16384 characters, expected at most that")


async def test_a_cookie_is_not_sent_back() -> None:
    """One answer must not change the next request."""
    answer = b"HTTP/1.1 200 OK\r\nset-cookie: tracking=1\r\ncontent-length: 2\r\n\r\n{}"
    async with listening(saying(answer, close=False)) as server, target_client(venue(server.url)) as client:
        for _ in range(2):
            await client.send(asking(server.url))
        assert "cookie" not in server.turns[1].head.lower()


async def test_a_key_that_the_venue_echoes_is_nowhere_in_the_exchange() -> None:
    """Not in headers, nor in a body where it lies across two chunks, whose lengths and times stay."""
    half = len(CANARY) // 2
    pieces = [b'{"you sent": "' + CANARY[:half].encode(), CANARY[half:].encode() + b'"}']
    head = CHUNKED.replace(b"\r\n\r\n", f"\r\nx-echo: Bearer {CANARY}\r\n\r\n".encode())
    exchange = await seen(head, chunk(pieces[0]), chunk(pieces[1]), chunk(b""), pause_s=0.02)
    assert [len(piece.data) for piece in exchange.chunks] == [len(piece) for piece in pieces]
    assert exchange.body.startswith(b'{"you sent": "****')
    assert CANARY not in repr(exchange)
    assert CANARY[:half] not in repr(exchange)
    assert CANARY[half:] not in repr(exchange)


@pytest.mark.parametrize("library", [httpx_library(), httpx2_library()], ids=["httpx", "httpx2"])
async def test_a_key_is_in_no_text_of_a_client(caplog: pytest.LogCaptureFixture, library: Any) -> None:
    """Not in what is printed of our objects, nor in any record that the libraries log, at the lowest level."""
    caplog.set_level(logging.DEBUG)
    echo = f"HTTP/1.1 200 OK\r\nx-echo: {CANARY}\r\ncontent-length: 2\r\n\r\n{{}}".encode()
    async with listening(saying(echo)) as server:
        async with target_client(venue(server.url), library=library) as client:
            exchange = await client.send(asking(server.url))
            texts = [repr(client), str(vars(client)), repr(exchange)]
        assert CANARY in server.turns[0].head
    auth = auth_for(library, venue(server.url), Credential(CANARY), Key.VENUE)
    texts += [repr(auth), str(auth), str(vars(auth)), *(record.getMessage() for record in caplog.records), caplog.text]
    assert any("receive_response_headers" in text for text in texts), "nothing was logged, so nothing is proved"
    assert not any(CANARY in text for text in texts)


@pytest.mark.parametrize("library", [httpx_library(), httpx2_library()], ids=["httpx", "httpx2"])
async def test_a_key_is_in_no_record_of_header_coding(
    caplog: pytest.LogCaptureFixture, trusted: trustme.CA, serving: Callable[..., ssl.SSLContext], library: Any
) -> None:
    """HTTP/2 logs each header that it codes, which the server's side of this test does too, under the same name."""
    caplog.set_level(logging.DEBUG)
    async with listening_h2(H2Server(), serving(protocols=("h2",))) as server:
        url = f"https://127.0.0.1:{server.port}"
        async with target_client(venue(url), library=library) as client:
            exchange = await client.send(asking(url))
    assert exchange.http_version == "2"
    assert any("http2" in record.name for record in caplog.records), "nothing was logged, so nothing is proved"
    assert not [record for record in caplog.records if CANARY in record.getMessage()]
    assert not [record for record in caplog.records if record.name.startswith("hpack")]


async def test_a_key_that_cannot_be_sent_is_in_no_text() -> None:
    """The parser's complaint about an illegal header quotes it; ours does not."""
    bad = f"{CANARY}\nX-Injected: 1"
    async with listening(saying(OK)) as server, target_client(venue(server.url), key=bad) as client:
        exchange = await client.send(asking(server.url))
        assert server.turns == []
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.INTERNAL
    assert CANARY not in repr(exchange)


async def test_the_filters_of_the_logs_are_gone_afterwards() -> None:
    """Nothing global stays changed."""
    names = ("httpx", "httpcore.http11", "hpack.hpack")
    before = [list(logging.getLogger(name).filters) for name in names]
    await seen(OK)
    assert [list(logging.getLogger(name).filters) for name in names] == before


async def test_an_adapter_never_sees_a_key_in_an_exception() -> None:
    """An exception of our transport holds our words alone, whatever the library said."""
    key = "sk-of-the-adapter-0123456789"
    async with listening(saying(OK)) as server, target_client(venue(server.url)) as client:
        bad = {"authorization": f"Bearer {key}\x00"}
        call = lambda: client.http_client().post(server.url, headers=bad)  # noqa: E731
        _, raised = await client.record(call, fresh=True)
    assert raised is not None
    assert type(raised).__name__ == "LocalProtocolError"
    assert key not in f"{raised!r} {raised.__cause__!r} {raised.__context__!r}"


def sent_headers(turn: Turn) -> dict[str, str]:
    """Return the headers of a request, names in lower case."""
    lines = turn.head.split("\r\n")[1:]
    pairs = (line.partition(": ") for line in lines if line)
    return {name.lower(): value for name, _, value in pairs}


@pytest.mark.parametrize(
    ("dialect", "auth", "key", "name", "value"),
    [
        ("openai", None, Key.VENUE, "authorization", f"Bearer {CANARY}"),
        ("anthropic", None, Key.VENUE, "x-api-key", CANARY),
        ("anthropic", Auth(scheme="bearer"), Key.VENUE, "authorization", f"Bearer {CANARY}"),
        ("openai", Auth(scheme="header", name="api-key"), Key.VENUE, "api-key", CANARY),
        ("openai", None, Key.REFUSED, "authorization", f"Bearer {REFUSED_KEY}"),
        ("anthropic", None, Key.REFUSED, "x-api-key", REFUSED_KEY),
    ],
)
async def test_the_key_goes_where_the_spec_says(
    dialect: str, auth: Auth | None, key: Key, name: str, value: str
) -> None:
    """In one header, by the spec or the dialect's default; the refused key holds nothing of the real one."""
    async with listening(saying(OK)) as server:
        spec = venue(server.url, dialect=dialect).model_copy(update={"auth": auth})
        async with target_client(spec) as client:
            await client.send(asking(server.url), key=key)
        headers = sent_headers(server.turns[0])
    assert headers[name] == value
    assert [held for held in headers.values() if CANARY in held or REFUSED_KEY in held] == [value]


async def test_a_venue_without_a_key_is_sent_none() -> None:
    """A managed venue may want no key at all."""
    async with listening(saying(OK)) as server, target_client(venue(server.url), key=None) as client:
        exchange = await client.send(asking(server.url))
        assert not {"authorization", "x-api-key"} & sent_headers(server.turns[0]).keys()
    assert exchange.status == 200


@pytest.mark.parametrize(
    ("base", "url", "expected"),
    [
        ("https://api.test/openai", "https://api.test/openai/v1/models", True),
        ("https://api.test", "https://api.test:443/v1", True),
        ("https://api.test", "http://api.test/v1", False),
        ("https://api.test", "https://api.test:8443/v1", False),
        ("https://api.test", "https://api.test.evil.test/v1", False),
        ("https://api.test", "https://api.test@evil.test/v1", False),
        ("http://127.0.0.1:{port}", "http://127.0.0.1:4711/v1", True),
        ("http://127.0.0.1:{port}", "http://127.0.0.2:4711/v1", False),
        ("https://api.test", "https://api.test:port/v1", False),
    ],
)
async def test_the_key_belongs_to_one_origin(base: str, url: str, expected: bool) -> None:
    """Scheme, host and port must be the spec's (RFC 6454, 4); `{port}` stands for any."""
    assert belongs_to(VenueSpec.model_validate({**venue("http://x").model_dump(), "base_url": base}), url) is expected


async def test_a_redactor_keeps_lengths() -> None:
    """What `seen` relies on: an overwritten key is as long as the key."""
    data = f"a{CANARY}b".encode()
    assert len(Redactor.of([CANARY]).clean_bytes(data)) == len(data)
