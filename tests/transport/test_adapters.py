"""
A team's adapter sends through our client: its wire is observed, and it gets one request per probe.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpcore
import httpx
import httpx2
import pytest
from anthropic import AsyncAnthropic
from openai import APIConnectionError, AsyncOpenAI

from pytest_darkhost.errors import AdapterError, UsageError
from pytest_darkhost.observations import ErrorKind, Mode
from pytest_darkhost.transport.client import TargetClient
from pytest_darkhost.transport.library import httpx2_library
from transport.loopback import (
    CHUNKED,
    Turn,
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
BUSY = b"HTTP/1.1 429 Too Many Requests\r\nretry-after-ms: 10\r\ncontent-length: 2\r\n\r\n{}"
ANSWER = b"""{"id": "1", "object": "chat.completion", "created": 1, "model": "small", "choices": [{"index": 0,
"finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}}]}"""
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
COMPLETION = HEAD % len(ANSWER) + ANSWER
EVENT = b'data: {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": []}\n\n'
MESSAGES: list[Any] = [{"role": "user", "content": "hi"}]
CLIENTS = pytest.mark.parametrize(
    "client_of",
    [TargetClient.http_client, TargetClient.httpx2_client, lambda target: target.http_client().httpx2()],
    ids=["httpx", "httpx2", "its twin"],
)
ClientOf = Callable[[TargetClient], Any]


def openai_on(http_client: Any, url: str, retries: int = 0) -> AsyncOpenAI:
    """Return the SDK as a team would make it."""
    return AsyncOpenAI(api_key="sk-of-the-adapter", base_url=f"{url}/v1", http_client=http_client, max_retries=retries)


async def test_the_clients_are_what_the_sdks_ask_for() -> None:
    """The hook's client is an `httpx.AsyncClient`, and has a twin that is an `httpx2.AsyncClient`."""
    async with target_client(venue("http://127.0.0.1:1")) as target:
        client = target.http_client()
        assert isinstance(client, httpx.AsyncClient)
        assert isinstance(client.httpx2(), httpx2.AsyncClient)
        assert client.httpx2().httpx2() is client.httpx2()


@CLIENTS
async def test_an_sdk_is_observed(client_of: ClientOf) -> None:
    """The SDK's request is seen with its URL, body and answer; live, with the times of its chunks."""
    async with listening(saying(COMPLETION, close=False)) as server, target_client(venue(server.url)) as target:
        sdk = openai_on(client_of(target), server.url)

        async def call() -> None:
            answer = await sdk.chat.completions.create(model="small", messages=MESSAGES)
            assert answer.choices[0].message.content == "hi"

        exchange, raised = await target.record(call, fresh=True)
        again, _ = await target.record(call, fresh=False)
    assert raised is None
    assert exchange is not None
    assert again is not None
    assert exchange.url == f"{server.url}/v1/chat/completions"
    assert (exchange.method, exchange.status, exchange.mode, exchange.body) == ("POST", 200, Mode.LIVE, ANSWER)
    assert b'"model":"small"' in exchange.request_body
    assert exchange.chunks[0].at_ns >= exchange.marks.first_byte_ns  # type: ignore[operator]
    assert [e.connection.fresh for e in (exchange, again) if e.connection] == [True, False]


async def test_the_anthropic_sdk_is_observed() -> None:
    """The other SDK takes the same client."""
    async with listening(says_ok) as server, target_client(venue(server.url, dialect="anthropic")) as target:
        sdk = AsyncAnthropic(
            api_key="sk-x", base_url=server.url, http_client=target.http_client().httpx2(), max_retries=0
        )
        call = lambda: sdk.messages.create(model="small", max_tokens=1, messages=MESSAGES)  # noqa: E731
        exchange, _ = await target.record(call, fresh=True)
    assert exchange is not None
    assert (exchange.url, exchange.mode) == (f"{server.url}/v1/messages", Mode.LIVE)


@CLIENTS
async def test_a_stream_that_the_sdk_leaves_early_is_seen_to_its_end(client_of: ClientOf) -> None:
    """The SDK stops at `[DONE]`; what comes after it is on the wire all the same, and the connection stays usable."""
    pieces = (CHUNKED + chunk(EVENT), chunk(b"data: [DONE]\n\n"), chunk(b": usage 7\n\n"), chunk(b""))
    script = saying(*pieces, pause_s=0.01, close=False)
    async with listening(script) as server, target_client(venue(server.url)) as target:
        sdk = openai_on(client_of(target), server.url)

        async def call() -> None:
            async for _ in await sdk.chat.completions.create(model="small", messages=MESSAGES, stream=True):
                pass

        exchange, raised = await target.record(call, fresh=True)
        again, _ = await target.record(call, fresh=False)
        assert server.connections == 1
    assert (raised, exchange.error if exchange else "unseen") == (None, None)
    assert exchange is not None
    assert exchange.body.endswith(b": usage 7\n\n")
    assert again is not None


async def test_a_stream_that_is_never_closed_is_seen_to_its_end() -> None:
    """An adapter may drop its response; a cut after that is still found."""
    script = saying(CHUNKED + chunk(b"data: 1\n\n"), chunk(b"data: 2\n\n"), pause_s=0.01)
    async with listening(script) as server, target_client(venue(server.url)) as target:
        held: list[Any] = []

        async def call() -> None:
            client = target.http_client()
            held.append(await client.send(client.build_request("POST", server.url), stream=True))

        exchange, raised = await target.record(call, fresh=True)
    assert raised is None
    assert exchange is not None
    assert exchange.body == b"data: 1\n\ndata: 2\n\n"
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.CUT


@CLIENTS
async def test_a_hidden_retry_of_an_sdk_is_refused(client_of: ClientOf) -> None:
    """Two 429s that the SDK would hide: one request is sent, its exchange stands, and the retry is an error."""
    async with listening(saying(BUSY, close=False)) as server, target_client(venue(server.url)) as target:
        sdk = openai_on(client_of(target), server.url, retries=2)
        call = lambda: sdk.chat.completions.create(model="small", messages=MESSAGES)  # noqa: E731
        exchange, raised = await target.record(call, fresh=True)
        assert len(server.turns) == 1
    assert isinstance(raised, AdapterError)
    assert "a second request within one probe" in str(raised)
    assert exchange is not None
    assert exchange.status == 429


async def test_an_adapter_that_swallows_the_refusal_is_stopped() -> None:
    """A loop of retries around everything does not run on, and does not hide that it tried."""
    async with listening(says_ok) as server, target_client(venue(server.url)) as target:

        async def call() -> None:
            while True:
                try:
                    await target.http_client().post(server.url)
                except Exception:
                    await asyncio.sleep(60)

        began_s = time.monotonic()
        exchange, raised = await target.record(call, fresh=True)
        assert len(server.turns) == 1
    assert isinstance(raised, AdapterError)
    assert exchange is not None
    assert time.monotonic() - began_s < 30


async def test_two_libraries_share_the_one_request() -> None:
    """A second request is refused over the twin as well."""
    async with listening(says_ok) as server, target_client(venue(server.url)) as target:

        async def call() -> None:
            await target.http_client().post(server.url)
            await target.httpx2_client().post(server.url)

        _, raised = await target.record(call, fresh=True)
        assert len(server.turns) == 1
    assert isinstance(raised, AdapterError)


async def test_a_redirect_that_an_adapter_would_follow_is_refused() -> None:
    """A redirect is a second request, and would carry the key elsewhere."""
    async with listening(says_ok) as elsewhere:
        answer = f"HTTP/1.1 307 X\r\nlocation: {elsewhere.url}\r\ncontent-length: 0\r\n\r\n".encode()
        async with listening(saying(answer)) as server, target_client(venue(server.url)) as target:
            call = lambda: target.http_client().post(server.url, follow_redirects=True)  # noqa: E731
            exchange, raised = await target.record(call, fresh=True)
        assert elsewhere.connections == 0
    assert isinstance(raised, AdapterError)
    assert exchange is not None
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.REDIRECTED


async def test_a_request_outside_a_probe_is_refused() -> None:
    """Nothing is sent that is not in the plan."""
    async with listening(says_ok) as server, target_client(venue(server.url)) as target:
        with pytest.raises(AdapterError, match="a request outside a probe"):
            await target.http_client().post(server.url)
        assert server.connections == 0


async def test_an_adapter_that_uses_another_client_is_unseen() -> None:
    """Without our client there is no exchange to judge, whatever the adapter returns."""
    async with listening(says_ok) as server, target_client(venue(server.url)) as target:

        async def call() -> None:
            async with httpx.AsyncClient() as client:
                await client.post(server.url)

        assert await target.record(call, fresh=True) == (None, None)


async def test_what_an_adapter_raises_is_returned() -> None:
    """Its own fault is not the wire's."""
    async with listening(says_ok) as server, target_client(venue(server.url)) as target:

        async def call() -> None:
            await target.http_client().post(server.url)
            raise KeyError("choices")

        exchange, raised = await target.record(call, fresh=True)
    assert isinstance(raised, KeyError)
    assert exchange is not None
    assert exchange.error is None


@CLIENTS
async def test_an_adapter_meets_the_library_s_own_exceptions(client_of: ClientOf) -> None:
    """Handling of errors in production code sees what it would see in production."""
    script = saying(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")
    async with listening(script) as server, target_client(venue(server.url)) as target:
        client = client_of(target)
        sdk = openai_on(client, server.url)
        exchange, raised = await target.record(lambda: client.post(server.url), fresh=True)
        chat = lambda: sdk.chat.completions.create(model="small", messages=MESSAGES)  # noqa: E731
        _, by_sdk = await target.record(chat, fresh=True)
    assert type(raised).__name__ == "RemoteProtocolError"
    assert isinstance(raised, (httpx.RemoteProtocolError, httpx2.RemoteProtocolError))
    assert isinstance(by_sdk, APIConnectionError)
    assert exchange is not None
    assert exchange.error is not None
    assert exchange.error.kind is ErrorKind.CUT


async def test_the_ceilings_bind_an_adapter_that_sets_longer_ones() -> None:
    """The SDK's ten minutes do not apply; a shorter time-out of its own does."""
    async with listening(stays_silent) as server:
        async with target_client(venue(server.url, first_byte_timeout_ms=40)) as target:
            call = lambda: target.http_client().post(server.url, timeout=600)  # noqa: E731
            exchange, raised = await target.record(call, fresh=True)
        assert isinstance(raised, httpx.ReadTimeout)
        assert exchange is not None
        assert exchange.error is not None
        assert exchange.error.kind is ErrorKind.TIMEOUT_FIRST_BYTE
        async with target_client(venue(server.url)) as target:
            call = lambda: target.http_client().post(server.url, timeout=0.04)  # noqa: E731
            exchange, raised = await target.record(call, fresh=True)
        assert isinstance(raised, httpx.ReadTimeout)
        assert exchange is not None
        assert exchange.error is not None
        assert "within 40 ms" in exchange.error.message


async def test_an_adapter_that_never_returns_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its call is bounded even if it sends nothing."""
    monkeypatch.setattr("pytest_darkhost.transport.supervision._GRACE_S", 0.02)
    async with target_client(venue("http://127.0.0.1:1", total_timeout_ms=30)) as target:
        exchange, raised = await target.record(lambda: asyncio.sleep(60), fresh=True)
    assert exchange is None
    assert isinstance(raised, TimeoutError)


async def test_stopping_the_run_stops_the_adapter() -> None:
    """Cancellation reaches the adapter and comes back out."""
    stopped = asyncio.Event()

    async def call() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()

    async with target_client(venue("http://127.0.0.1:1")) as target:
        task = asyncio.create_task(target.record(call, fresh=True))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert stopped.is_set()


async def test_stopping_the_run_stops_a_request_at_once() -> None:
    """Cancellation is the one exception that `send` lets through, and the client can be used afterwards."""
    scripts = iter((stays_silent, says_ok))

    async def script(turn: Turn) -> None:
        await next(scripts)(turn)

    async with listening(script) as server, target_client(venue(server.url)) as target:
        task = asyncio.create_task(target.send(asking(server.url)))
        await asyncio.sleep(0.03)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        exchange = await target.send(asking(server.url))
    assert exchange.body == b"{}"


@CLIENTS
async def test_a_client_that_the_adapter_closes_works_again(client_of: ClientOf) -> None:
    """Production code that closes its SDK after each call is not broken by it."""
    async with listening(says_ok) as server, target_client(venue(server.url)) as target:

        async def call() -> None:
            async with client_of(target) as client:
                await client.post(server.url)
            await client.aclose()

        results = [await target.record(call, fresh=False) for _ in range(2)]
    assert [raised for _, raised in results] == [None, None]


@pytest.mark.parametrize("forged", [True, False], ids=["forged stream", "plain"])
async def test_an_answer_that_no_wire_brought_is_unseen(monkeypatch: pytest.MonkeyPatch, forged: bool) -> None:
    """A mock under our transport is found by the missing trace, also when it pretends to have a socket."""

    class Pretender:
        def get_extra_info(self, _info: str) -> None:
            return None

    async def mocked(_pool: object, _request: object) -> httpcore.Response:
        extensions = {"http_version": b"HTTP/1.1", **({"network_stream": Pretender()} if forged else {})}
        return httpcore.Response(200, content=b"{}", extensions=extensions)

    async with listening(says_ok) as server, target_client(venue(server.url)) as target:
        call: Callable[[], Awaitable[Any]] = lambda: target.http_client().post(server.url)  # noqa: E731
        real, _ = await target.record(call, fresh=True)
        monkeypatch.setattr(httpcore.AsyncConnectionPool, "handle_async_request", mocked)
        exchange, _ = await target.record(call, fresh=True)
    assert real is not None
    assert exchange is not None
    assert (real.mode, real.status) == (Mode.LIVE, 200)
    assert (exchange.mode, exchange.status, exchange.body) == (Mode.UNSEEN, 200, b"{}")


async def test_a_missing_httpx2_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader is told what to install."""
    monkeypatch.setitem(sys.modules, "httpx2", None)
    httpx2_library.cache_clear()
    async with target_client(venue("http://127.0.0.1:1")) as target:
        with pytest.raises(UsageError, match="Install httpx2"):
            target.http_client().httpx2()
    monkeypatch.undo()
    httpx2_library.cache_clear()
