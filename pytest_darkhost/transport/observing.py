"""
Sends one request of the library over our pools and watches it pass: the body of every transport of the package.
"""

import asyncio
from contextlib import suppress
from typing import Any

from pytest_darkhost.observations import ErrorKind, ProbeError
from pytest_darkhost.transport import shims
from pytest_darkhost.transport.library import Library
from pytest_darkhost.transport.recording import Recording
from pytest_darkhost.transport.streams import FACTS

_RAISED = {
    ErrorKind.CANNOT_RESOLVE: "ConnectError",
    ErrorKind.CONNECTION_REFUSED: "ConnectError",
    ErrorKind.CONNECTION_FAILED: "ConnectError",
    ErrorKind.TLS: "ConnectError",
    ErrorKind.PROXY: "ProxyError",
    ErrorKind.TIMEOUT_CONNECT: "ConnectTimeout",
    ErrorKind.TIMEOUT_TLS: "ConnectTimeout",
    ErrorKind.TIMEOUT_WRITE: "WriteTimeout",
    ErrorKind.TIMEOUT_FIRST_BYTE: "ReadTimeout",
    ErrorKind.TIMEOUT_BODY: "ReadTimeout",
    ErrorKind.CUT: "RemoteProtocolError",
    ErrorKind.MALFORMED_HTTP: "RemoteProtocolError",
    ErrorKind.TOO_LARGE: "ReadError",
}


def as_library_error(library: Library, error: ProbeError) -> Exception:
    """Return the exception that the library itself would raise, with our text: it holds no part of the request."""
    kind: type[Exception] = getattr(library.httpx, _RAISED.get(error.kind, "LocalProtocolError"))
    return kind(error.message)


class ObservedBody:
    """A response body on its way to the reader. Closed early, it reads the rest first, so that the end is seen."""

    def __init__(self, library: Library, core_stream: Any, recording: Recording, deadline_s: float) -> None:
        self._library = library
        self._core_stream = core_stream
        self._pieces = aiter(core_stream)
        self._recording = recording
        self._loop = asyncio.get_running_loop()
        self._deadline_s = recording.recorder.until_s = deadline_s
        self._finished = False

    def __aiter__(self) -> "ObservedBody":
        return self

    async def __anext__(self) -> bytes:
        if self._finished:
            raise StopAsyncIteration
        try:
            piece: bytes | None = await anext(self._pieces, None)
            if piece is not None:
                self._took(piece)
                return piece
            self._ended()
        except Exception as fault:
            raise await self._broken(fault) from None
        raise StopAsyncIteration

    async def _drain(self) -> None:
        """Read what is left, with nobody there who wants it piece by piece."""
        if self._finished:
            return
        try:
            async for piece in self._pieces:
                self._took(piece)
            self._ended()
        except Exception as fault:
            await self._broken(fault)

    def _took(self, piece: bytes) -> None:
        """Keep a piece as it was on the wire. Bytes that never cease are over in time as well."""
        self._recording.took(piece)
        if self._loop.time() >= self._deadline_s:
            raise TimeoutError

    def _ended(self) -> None:
        self._finished = True
        self._recording.ended()

    async def _broken(self, fault: Exception) -> Exception:
        self._finished = True
        if isinstance(fault, self._library.core.TimeoutException) and self._loop.time() >= self._deadline_s:
            # What ended the wait is the bound of the whole request.
            fault = TimeoutError()
        error = self._recording.failed(fault)
        await self._close()
        return as_library_error(self._library, error)

    async def aclose(self) -> None:
        """Read what is left, within the bounds of the request, and close. Raises nothing that the wire does."""
        task = asyncio.current_task()
        if task is None or not task.cancelling():
            await self._drain()
        self._finished = True
        await self._close()

    async def _close(self) -> None:
        with suppress(Exception):
            await self._core_stream.aclose()


async def pass_on(library: Library, pool: Any, request: Any, recording: Recording) -> tuple[Any, ObservedBody]:
    """
    Send a request and return the library's response, and its body, which is observed.

    :raises Exception: the library's own class for what went wrong; the recording has it as data.
    """
    deadline_s = asyncio.get_running_loop().time() + recording.way.total_ms / 1000
    try:
        async with asyncio.timeout_at(deadline_s):
            response = await pool.handle_async_request(_core_request(library, request, recording))
        return _observed(library, response, recording, deadline_s)
    except Exception as fault:
        error = recording.failed(fault)
        failure = as_library_error(library, error)
    raise failure


def _core_request(library: Library, request: Any, recording: Recording) -> Any:
    # Compressed, the arrival of a chunk would not be the arrival of its tokens.
    request.headers["accept-encoding"] = "identity"
    url = request.url
    return library.core.Request(
        method=request.method,
        url=library.core.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        headers=request.headers.raw,
        content=request.stream,
        extensions={**request.extensions, "trace": recording.recorder.trace},
    )


def _observed(library: Library, response: Any, recording: Recording, deadline_s: float) -> tuple[Any, ObservedBody]:
    stream = response.extensions.get("network_stream")
    facts = stream.get_extra_info(FACTS) if stream is not None else None
    version = response.extensions.get("http_version", b"")
    recording.answered(response.status, response.headers, version, facts)
    body = ObservedBody(library, response.stream, recording, deadline_s)
    observed = library.httpx.Response(
        status_code=response.status,
        headers=response.headers,
        stream=shims.stream(library, body),
        extensions=response.extensions,
    )
    return observed, body
