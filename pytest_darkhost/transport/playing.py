"""
The way to a cassette instead of the network: the same clients over it, and not one socket.

What is played comes at once; its times are those that were recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from pytest_darkhost.errors import AdapterError
from pytest_darkhost.observations import Exchange
from pytest_darkhost.secrets import Redactor
from pytest_darkhost.transport import shims
from pytest_darkhost.transport.cleaning import asked_headers
from pytest_darkhost.transport.library import Library
from pytest_darkhost.transport.observing import as_library_error
from pytest_darkhost.transport.slot import Slot


class Player(Protocol):
    """What answers requests."""

    def play(self, method: str, url: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Exchange:
        """Return the recorded exchange of a request, or one whose error says that there is none."""


@dataclass(slots=True)
class Played:
    """One request and what was played for it."""

    method: str
    url: str
    """Without user information and keys."""
    played: Exchange | None = None

    def call_at_end(self, call: Callable[[], None]) -> None:
        """Do nothing: what is played takes no time."""

    def exchange(self, _loop_lag_ms: float) -> Exchange | None:
        """Return what was played. How late our own loop is now has no part in it."""
        return self.played

    def shown_url(self) -> str:
        """Return the URL."""
        return self.url


class PlayedBody:
    """A recorded body, chunk by chunk, and the failure that ended it."""

    def __init__(self, library: Library, exchange: Exchange) -> None:
        self._library = library
        self._error = exchange.error
        self._chunks = iter(exchange.chunks)

    def __aiter__(self) -> "PlayedBody":
        return self

    async def __anext__(self) -> bytes:
        chunk = next(self._chunks, None)
        if chunk is not None:
            return chunk.data
        if self._error is not None:
            error, self._error = self._error, None
            raise as_library_error(self._library, error)
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Do nothing: there is no connection."""


class PlayedWire:
    """Serves one request at a time from a cassette. Used as `Wire` is."""

    def __init__(
        self,
        library: Library,
        player: Player,
        redactor: Redactor,
        header_names: frozenset[str],
        current_slot: Callable[[], Slot | None],
    ) -> None:
        self.library = library
        self._player = player
        self._redactor = redactor
        self._header_names = header_names
        self._current_slot = current_slot
        self.transport = shims.transport(library, self._handle)

    def prepare(self, url: str) -> None:
        """Do nothing: there is no pool."""

    async def ready(self) -> None:
        """Do nothing: no time is taken."""

    async def settle(self) -> None:
        """Do nothing: there is no connection."""

    async def drop(self) -> None:
        """Do nothing: there is no connection."""

    async def _handle(self, request: Any) -> Any:
        slot = self._current_slot()
        if slot is None:
            url = self._redactor.clean(f"{request.url.scheme}://{request.url.host}{request.url.path}")
            msg = f"{request.method} {url}: a request outside a probe, expected one only while the adapter is called"
            raise AdapterError(msg)
        body = self._redactor.clean_bytes(await request.aread())
        headers = self._redactor.clean(asked_headers(request.headers.raw, self._header_names))
        exchange = self._player.play(request.method, self._redactor.clean(str(request.url)), headers, body)
        slot.take(Played(request.method, exchange.url, exchange))
        if exchange.status is None and exchange.error is not None:
            raise as_library_error(self.library, exchange.error)
        slot.body = PlayedBody(self.library, exchange)
        return self.library.httpx.Response(
            status_code=exchange.status,
            headers=list(exchange.headers),
            stream=shims.stream(self.library, slot.body),
        )
