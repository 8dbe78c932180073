"""
The client of one venue: sends requests one after the other and returns what the wire saw of each.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, Self

from pytest_darkhost.dialects.http_request import HttpRequest
from pytest_darkhost.observations import ErrorKind, Exchange, Mode, Phase, ProbeError
from pytest_darkhost.probes import Key
from pytest_darkhost.secrets import Credential, Redactor
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.transport import shims
from pytest_darkhost.transport.auth import belongs_to
from pytest_darkhost.transport.clock import LoopLag
from pytest_darkhost.transport.library import Library, default_library, httpx2_library
from pytest_darkhost.transport.logs import kept_clean
from pytest_darkhost.transport.own import OwnClient
from pytest_darkhost.transport.playing import PlayedWire, Player
from pytest_darkhost.transport.slot import Slot
from pytest_darkhost.transport.supervision import supervised
from pytest_darkhost.transport.wire import Wire

_DIALECT_HEADERS = frozenset({"accept", "content-type", "anthropic-version"})
"""Headers of a request that belong to what is asked; those of the spec are added."""


class TargetClient:
    """
    One per venue. Use it as an async context manager on the loop that sends.

    With a `player` nothing is sent: it answers.

    :raises UsageError: when a proxy or a certificate file that the environment names cannot be used.
    """

    def __init__(
        self,
        spec: VenueSpec,
        *,
        credential: Credential | None,
        redactor: Redactor,
        lag: LoopLag,
        library: Library | None = None,
        player: Player | None = None,
    ) -> None:
        self._spec = spec
        self._redactor = redactor
        self._lag = lag
        self._library = library or default_library()
        self._player = player
        self._header_names = _DIALECT_HEADERS | {name.lower() for name in spec.headers}
        self._wires: dict[Library, Wire | PlayedWire] = {}
        self._clients: dict[Library, Any] = {}
        self._slot: Slot | None = None
        self._turns = asyncio.Lock()
        self._wire(self._library).prepare(spec.base_url.replace("{port}", "0"))
        # A cassette answers our own requests without a client in between.
        transport = self._wire(self._library).transport
        self._own = None if player else OwnClient(self._library, transport, spec, credential)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def prepare(self) -> None:
        """Do now what the first request would otherwise wait for."""
        for wire in self._wires.values():
            await wire.ready()

    async def send(self, request: HttpRequest, *, key: Key = Key.VENUE, fresh: bool = False) -> Exchange:
        """
        Return what the wire saw of one request. Never raises for what a venue or the network does.

        With `fresh` a connection is opened for it; without, the open one is used where there is one.
        """
        if not belongs_to(self._spec, request.url):
            return self._unsent(request, "an address that is not the venue's, expected its own: the key was not sent")

        async def transmit(slot: Slot) -> BaseException | None:
            if self._own is not None:
                return await self._own.transmit(request, key)
            # On a cassette are no keys, cookies and redirects for a client to take care of.
            wire = self._wire(self._library)
            assert isinstance(wire, PlayedWire)
            wire.play(slot, request)
            return None

        exchange, raised = await self._probe(transmit, fresh=fresh)
        return exchange or self._unsent(request, f"{type(raised).__name__} before it was sent, expected none")

    def http_client(self) -> Any:
        """Return the observed `AsyncClient` for a team's adapter. It holds no key; `httpx2()` is its twin."""
        return self._adapter_client(self._library)

    def httpx2_client(self) -> Any:
        """
        Return the same over httpx2.

        :raises UsageError: when httpx2 is not installed.
        """
        return self._adapter_client(httpx2_library())

    async def record(
        self, call: Callable[[], Awaitable[object]], *, fresh: bool
    ) -> tuple[Exchange | None, BaseException | None]:
        """
        Run an adapter's call. Return the first exchange that the wire saw, if any, and what the call raised.

        A second request is refused, and ends the call with an `AdapterError`, whatever the adapter makes of it.
        """
        bound_s = self._spec.ceilings.total_timeout_ms / 1000
        return await self._probe(lambda slot: supervised(call, slot, bound_s), fresh=fresh)

    async def aclose(self) -> None:
        """Close all connections. Idempotent."""
        if self._own is not None:
            await self._own.aclose()
        for wire in self._wires.values():
            await wire.aclose()

    async def _probe(
        self, act: Callable[[Slot], Awaitable[BaseException | None]], *, fresh: bool
    ) -> tuple[Exchange | None, BaseException | None]:
        async with self._turns:
            for wire in self._wires.values():
                await wire.ready()
                await (wire.drop() if fresh else wire.settle())
            slot = self._slot = Slot()
            try:
                with kept_clean(self._wires, self._redactor), self._lag.window() as window:
                    slot.begin, slot.end = window.restart, partial(self._lag.close, window)
                    raised = await act(slot)
                    await slot.finish()
            finally:
                self._slot = None
            recording = slot.recording
            return (recording.exchange(window.worst_ms) if recording else None), raised

    def _wire(self, library: Library) -> Wire | PlayedWire:
        if library not in self._wires:
            self._wires[library] = self._new_wire(library)
        return self._wires[library]

    def _new_wire(self, library: Library) -> Wire | PlayedWire:
        if self._player is not None:
            return PlayedWire(library, self._player, self._redactor, self._header_names, lambda: self._slot)
        return Wire(library, self._spec.ceilings, self._redactor, self._header_names, lambda: self._slot)

    def _adapter_client(self, library: Library) -> Any:
        if library not in self._clients:
            wire = self._wire(library)
            self._clients[library] = shims.adapter_client(library, wire.transport, self.httpx2_client)
        return self._clients[library]

    def _unsent(self, request: HttpRequest, problem: str) -> Exchange:
        clean = self._redactor.clean
        error = ProbeError(ErrorKind.INTERNAL, clean(f"{request.method} {request.url}: {problem}"), Phase.PLAN)
        return Exchange(
            method=request.method,
            url=clean(request.url),
            request_body=self._redactor.clean_bytes(request.body),
            started_at=datetime.now(UTC),
            mode=Mode.UNSEEN,
            error=error,
        )
