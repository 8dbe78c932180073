"""
Classes of the HTTP library's own kinds, each around a plain function or object of ours.

They are made per library, because their bases belong to it: httpx asks with `isinstance`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from functools import cache
from typing import Any, Protocol

from pytest_darkhost.secrets import Credential
from pytest_darkhost.transport.library import Library


class Body(Protocol):
    """A response body that is read once."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def __anext__(self) -> bytes: ...
    async def aclose(self) -> None:
        """Read what is left, within the bounds, and close."""


@cache
def _stream_class(library: Library) -> Any:
    base: Any = library.httpx.AsyncByteStream

    class ObservedStream(base):  # type: ignore[misc]
        def __init__(self, body: Body) -> None:
            self._body = body

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for piece in self._body:
                yield piece

        async def aclose(self) -> None:
            await self._body.aclose()

    return ObservedStream


def stream(library: Library, body: Body) -> Any:
    """Return the body as the library's `AsyncByteStream`."""
    return _stream_class(library)(body)


@cache
def _transport_class(library: Library) -> Any:
    base: Any = library.httpx.AsyncBaseTransport

    class ObservedTransport(base):  # type: ignore[misc]
        def __init__(self, handle: Callable[[Any], Awaitable[Any]]) -> None:
            self._handle = handle

        async def handle_async_request(self, request: Any) -> Any:
            return await self._handle(request)

    return ObservedTransport


def transport(library: Library, handle: Callable[[Any], Awaitable[Any]]) -> Any:
    """Return the library's `AsyncBaseTransport` that passes each request to a function. Closing it does nothing."""
    return _transport_class(library)(handle)


@cache
def _auth_class(library: Library) -> Any:
    base: Any = library.httpx.Auth

    class KeyAuth(base):  # type: ignore[misc]
        def __init__(self, header: str, prefix: str, credential: Credential) -> None:
            self._header, self._prefix, self._credential = header, prefix, credential

        def auth_flow(self, request: Any) -> Generator[Any, Any, None]:
            request.headers[self._header] = self._prefix + self._credential.reveal()
            yield request

        def __repr__(self) -> str:
            return "KeyAuth(...)"

    return KeyAuth


def key_auth(library: Library, header: str, prefix: str, credential: Credential) -> Any:
    """Return the library's `Auth` that sends a key in a header. Its text form shows nothing of it."""
    return _auth_class(library)(header, prefix, credential)


@cache
def _client_class(library: Library) -> Any:
    base: Any = library.httpx.AsyncClient

    class ObservedClient(base):  # type: ignore[misc]
        def __init__(self, *, make_httpx2: Callable[[], Any], **options: Any) -> None:
            super().__init__(**options)
            self._make_httpx2 = make_httpx2

        def httpx2(self) -> Any:
            return self._make_httpx2()

        async def aclose(self) -> None:
            """Stay open: an adapter that closes its client after each call must find it again."""

        async def __aenter__(self) -> Any:
            return self

        async def __aexit__(self, *_: object) -> None:
            """Stay open, as in `aclose`."""

    return ObservedClient


def adapter_client(library: Library, wire: Any, make_httpx2: Callable[[], Any]) -> Any:
    """
    Return the `AsyncClient` that a team's adapter is given.

    It has one method more, `httpx2()`, which returns the same over httpx2. It follows no redirects, and stays open
    when the adapter closes it.
    """
    return _client_class(library)(
        make_httpx2=make_httpx2, transport=wire, timeout=None, follow_redirects=False, trust_env=False
    )
