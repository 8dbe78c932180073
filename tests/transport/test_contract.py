"""
What we use of httpcore and httpcore2 beyond their documentation, held by tests: names and order of trace events, and
the shape of a network backend.
"""

import asyncio
import inspect
import ssl
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from pytest_darkhost.transport.backend import ClockedBackend
from pytest_darkhost.transport.library import Library, httpx2_library, httpx_library
from pytest_darkhost.transport.streams import ClockedStream
from pytest_darkhost.transport.tls import Role, shared_trust
from transport.h2_server import H2Server, listening_h2
from transport.loopback import OK, listening, saying

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.parametrize("library", [httpx_library(), httpx2_library()], ids=["httpcore", "httpcore2"]),
]


async def events_of(library: Library, url: str, **options: Any) -> list[str]:
    """Return the trace events of one POST."""
    events: list[str] = []

    async def trace(event: str, _info: dict[str, Any]) -> None:
        events.append(event)

    async with library.core.AsyncConnectionPool(network_backend=ClockedBackend(library), **options) as pool:
        await pool.request("POST", url, content=b"{}", extensions={"trace": trace})
    return events


def steps(prefix: str, *names: str) -> list[str]:
    """Return both events of each step."""
    return [f"{prefix}.{name}.{state}" for name in names for state in ("started", "complete")]


async def test_the_trace_of_http11(library: Library) -> None:
    """The events that decide what is live and when a request was sent, in order."""
    async with listening(saying(OK)) as server:
        events = await events_of(library, server.url)
    assert events[:2] == steps("connection", "connect_tcp")
    assert events[2:8] == steps("http11", "send_request_headers", "send_request_body", "receive_response_headers")


async def test_the_trace_of_http2(
    library: Library, trusted: trustme.CA, serving: Callable[..., ssl.SSLContext]
) -> None:
    """The same names under another prefix."""
    context = shared_trust(library, Role.VENUE).context
    async with listening_h2(H2Server(), serving(protocols=("h2",))) as server:
        events = await events_of(library, f"https://127.0.0.1:{server.port}", http2=True, ssl_context=context)
    assert events[:4] == steps("connection", "connect_tcp", "start_tls")
    sending = steps("http2", "send_request_headers", "send_request_body")
    assert [event for event in events if event in sending] == sending
    assert "http2.receive_response_headers.complete" in events


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(ClockedBackend, "AsyncNetworkBackend"), (ClockedStream, "AsyncNetworkStream")],
)
async def test_our_backend_has_the_library_s_interface(library: Library, ours: type, theirs: str) -> None:
    """Every method, with the same names of arguments."""
    for name, method in inspect.getmembers(getattr(library.core, theirs), inspect.isfunction):
        if not name.startswith("_"):
            assert list(inspect.signature(getattr(ours, name)).parameters) == list(inspect.signature(method).parameters)


async def test_the_pool_never_asks_for_a_local_address(library: Library) -> None:
    """Our backend ignores it, so it must not be meant."""
    asked: list[object] = []

    class Backend(ClockedBackend):
        async def connect_tcp(self, *args: Any, **options: Any) -> ClockedStream:
            asked.append(options["local_address"])
            return await super().connect_tcp(*args, **options)

    pool_of_ours = library.core.AsyncConnectionPool(network_backend=Backend(library))
    async with listening(saying(OK)) as server, pool_of_ours as pool:
        await pool.request("GET", server.url)
    assert asked == [None]


async def test_the_exceptions_are_known_by_name(library: Library) -> None:
    """Failures are told apart by the names of these classes and their bases."""
    core = library.core
    families = {
        core.TimeoutException: (core.ConnectTimeout, core.ReadTimeout, core.WriteTimeout),
        core.NetworkError: (core.ConnectError, core.ReadError, core.WriteError),
        core.ProtocolError: (core.LocalProtocolError, core.RemoteProtocolError),
    }
    for base, members in families.items():
        assert all(issubclass(member, base) for member in members)
    names = {kind.__name__ for base, members in families.items() for kind in (base, *members)}
    assert {"TimeoutException", "NetworkError", "ProtocolError", "ReadError", "WriteError"} <= names


async def test_an_unix_socket_is_connected_to(library: Library, tmp_path: Any) -> None:
    """The backend serves what the library may ask of it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    path = str(tmp_path / "s")
    pool_of_ours = library.core.AsyncConnectionPool(uds=path, network_backend=ClockedBackend(library))
    async with await asyncio.start_unix_server(serve, path), pool_of_ours as pool:
        response = await pool.request("GET", "http://here/")
    assert response.content == b"{}"
