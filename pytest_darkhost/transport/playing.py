"""
The way to a cassette instead of the network: the same clients over it, and not one socket.

What is played comes at once; its times are those that were recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from pytest_darkhost.dialects.http_request import HttpRequest
from pytest_darkhost.errors import AdapterError
from pytest_darkhost.observations import ErrorKind, Exchange, Phase, ProbeError
from pytest_darkhost.secrets import Redactor
from pytest_darkhost.transport import shims
from pytest_darkhost.transport.cleaning import RawHeaders, asked_headers, without_user
from pytest_darkhost.transport.library import Library
from pytest_darkhost.transport.observing import as_library_error
from pytest_darkhost.transport.slot import Slot

_ANSWERS = frozenset({ErrorKind.REDIRECTED, ErrorKind.PROXY})
_ANY = ("accept", "*/*")
"""The header that httpx's clients send where a request has none of its name."""
_GIVEN_UP = ProbeError(ErrorKind.INTERNAL, "the recorded request was given up before an answer came", Phase.FIRST_BYTE)


class Player(Protocol):
    """What answers requests."""

    def play(self, method: str, url: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Exchange:
        """Return the recorded exchange of a request, or one whose error says that there is none."""


@dataclass(frozen=True)
class Played:
    """One request and what is played for it."""

    method: str
    url: str
    """Without user information and keys."""
    play: Callable[[], Exchange]
    """Called once, when the request has its place in the probe: one that is refused takes nothing off the cassette."""

    @cached_property
    def played(self) -> Exchange:
        """What the player answers."""
        return self.play()

    def call_at_end(self, call: Callable[[], None]) -> None:
        """Do nothing: what is played takes no time."""

    def exchange(self, loop_lag_ms: float) -> Exchange | None:  # noqa: ARG002 - how late our own loop is now has no part in it
        """Return what was played."""
        return self.played

    def shown_url(self) -> str:
        """Return the URL."""
        return self.url


class PlayedBody:
    """A recorded body, chunk by chunk, and the failure that ended it."""

    def __init__(self, library: Library, exchange: Exchange) -> None:
        self._library = library
        self._error = None if _is_answer(exchange) else exchange.error
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
        self._normal: dict[str, str] = {}

    def play(self, slot: Slot, request: HttpRequest) -> None:
        """
        Answer one of our own requests, without a client's way there and back: nobody reads the response.

        It is compared as the client would have sent it.
        """
        if request.url not in self._normal:
            self._normal[request.url] = str(self.library.httpx.URL(request.url))
        headers = dict([_ANY, *((name.lower(), value) for name, value in request.headers)])
        raw = [(_raw(name), _raw(value)) for name, value in headers.items()]
        self._take(slot, request.method, self._normal[request.url], raw, request.body)

    def prepare(self, url: str) -> None:
        """Do nothing: there is no pool."""

    async def ready(self) -> None:
        """Do nothing: no time is taken."""

    async def settle(self) -> None:
        """Do nothing: there is no connection."""

    async def aclose(self) -> None:
        """Do nothing: nothing is open."""

    async def drop(self) -> None:
        """Do nothing: there is no connection."""

    async def _handle(self, request: Any) -> Any:
        slot = self._current_slot()
        if slot is None:
            url = self._redactor.clean(f"{request.url.scheme}://{request.url.host}{request.url.path}")
            msg = f"{request.method} {url}: a request outside a probe, expected one only while the adapter is called"
            raise AdapterError(msg)
        played = self._take(slot, request.method, str(request.url), request.headers.raw, await request.aread())
        return self._response(slot, played)

    def _take(self, slot: Slot, method: str, url: str, headers: RawHeaders, body: bytes) -> Exchange:
        shown = self._redactor.clean(without_user(url))
        asked = self._redactor.clean(asked_headers(headers, self._header_names))
        clean = self._redactor.clean_bytes(body)
        taken = Played(method, shown, lambda: self._player.play(method, shown, asked, clean))
        slot.take(taken)
        return taken.played

    def _response(self, slot: Slot, exchange: Exchange) -> Any:
        if exchange.status is None:
            raise as_library_error(self.library, exchange.error or _GIVEN_UP)
        slot.body = PlayedBody(self.library, exchange)
        return self.library.httpx.Response(
            status_code=exchange.status,
            headers=[(_raw(name), _raw(value)) for name, value in exchange.headers],
            stream=shims.stream(self.library, slot.body),
        )


def _is_answer(exchange: Exchange) -> bool:
    """Return whether the error of an exchange is what its whole response says: it ended no body."""
    return exchange.error is not None and exchange.error.kind in _ANSWERS


def _raw(text: str) -> bytes:
    """Return a header's bytes, which need not be ASCII (RFC 9110, section 5.5)."""
    return text.encode("latin-1", "replace")
