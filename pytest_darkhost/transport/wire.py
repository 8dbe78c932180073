"""
One library's way to the network: a backend, a pool per proxy, and the transport that observes what passes.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from pytest_darkhost.errors import AdapterError
from pytest_darkhost.observations import Phase
from pytest_darkhost.secrets import Redactor
from pytest_darkhost.specs.access import Ceilings
from pytest_darkhost.transport import shims
from pytest_darkhost.transport.backend import ClockedBackend
from pytest_darkhost.transport.cleaning import asked_headers
from pytest_darkhost.transport.library import Library
from pytest_darkhost.transport.observing import pass_on
from pytest_darkhost.transport.pools import open_pool
from pytest_darkhost.transport.proxies import environment_proxy
from pytest_darkhost.transport.recording import Recording
from pytest_darkhost.transport.rehearsal import rehearse
from pytest_darkhost.transport.slot import Slot
from pytest_darkhost.transport.stamped_socket import Stamping
from pytest_darkhost.transport.tls import Role, shared_trust
from pytest_darkhost.transport.way import Way

_SETTLE_S = 0.025
"""How long a peer is given to close a connection, until it was once seen to leave one open."""


class Wire:
    """Serves one request at a time. `transport` is the library's own kind, for its `AsyncClient`."""

    def __init__(
        self,
        library: Library,
        ceilings: Ceilings,
        redactor: Redactor,
        header_names: frozenset[str],
        current_slot: Callable[[], Slot | None],
    ) -> None:
        self.library = library
        self._header_names = header_names
        self._ceilings = ceilings
        self._redactor = redactor
        self._current_slot = current_slot
        self._backend = ClockedBackend(library)
        self._stamping = Stamping()
        self._pools: dict[str | None, Any] = {}
        self._answered_with = ""
        self._left_open: set[str] = set()
        self._rehearsed = False
        self._ca_source = shared_trust(library, Role.VENUE).ca_source
        self.transport = shims.transport(library, self._handle)

    def prepare(self, url: str) -> None:
        """
        Open the pool for a URL, so that nothing of it is part of a time.

        :raises UsageError: when the environment names a proxy that cannot be used.
        """
        self._pool(url)

    async def ready(self) -> None:
        """Prepare whatever a first request would otherwise pay for."""
        if not self._rehearsed:
            self._rehearsed = True
            self._stamping.begin()
            await rehearse(self.library)

    async def settle(self) -> None:
        """
        Give a peer the time to close the connection that it has just answered on.

        Some servers close after a stream without having said so. A request that is sent into that moment is
        lost, and looks like the venue's fault. One that left the connection open after an answer of this media
        type is not waited for again.
        """
        if not any(pool.connections for pool in self._pools.values()):
            return
        kind = self._answered_with
        await asyncio.sleep(0.0 if kind in self._left_open else max(0.0, _SETTLE_S - self._idle_s()))
        if self._backend.has_dead:
            self._left_open.discard(kind)
        else:
            self._left_open.add(kind)

    def _idle_s(self) -> float:
        """Return how long ago the last answer ended: what was done with it since is part of the time to close."""
        ended_ns = self._backend.recorder.end_ns
        return 0.0 if ended_ns is None else (self._backend.now() - ended_ns) / 1e9

    async def drop(self) -> None:
        """Close all connections, so that the next request opens one."""
        for pool in self._pools.values():
            await pool.aclose()

    async def aclose(self) -> None:
        """Close all connections; nothing is sent any more. Idempotent."""
        try:
            await self.drop()
        finally:
            self._stamping.close()

    async def _handle(self, request: Any) -> Any:
        slot = self._current_slot()
        if slot is None:
            url = self._redactor.clean(f"{request.url.scheme}://{request.url.host}{request.url.path}")
            msg = f"{request.method} {url}: a request outside a probe, expected one only while the adapter is called"
            raise AdapterError(msg)
        content = await request.aread()
        pool, proxy = self._pool(str(request.url))
        if self._backend.has_dead:
            # httpcore would send over an idle HTTP/2 connection that the peer has closed.
            await self.drop()
        timeouts = bounded(request.extensions.get("timeout") or {}, self._ceilings)
        request.extensions = {**request.extensions, "timeout": timeouts}
        way = Way(
            proxy, self._ca_source, _by_phase(timeouts), self._ceilings.total_timeout_ms, self._ceilings.body_bytes
        )
        asked = asked_headers(request.headers.raw, self._header_names)
        recording = Recording(request.method, str(request.url), asked, content, way, self._redactor)
        slot.take(recording)
        self._backend.recorder = recording.recorder
        response, slot.body = await pass_on(self.library, pool, request, recording)
        self._answered_with = next((value for name, value in recording.headers if name == "content-type"), "")
        return response

    def _pool(self, url: str) -> tuple[Any, str | None]:
        route = environment_proxy(url, self.library)
        shown = route.url if route else None
        if shown not in self._pools:
            self._pools[shown] = open_pool(self.library, self._backend, route)
        return self._pools[shown], shown


def bounded(asked: dict[str, float | None], ceilings: Ceilings) -> dict[str, float]:
    """Return the time-outs in seconds: the spec's, or an adapter's own where it is shorter."""
    silence_ms = ceilings.first_byte_timeout_ms
    limits_ms = {
        "connect": ceilings.connect_timeout_ms,
        "read": silence_ms,
        "write": silence_ms,
        "pool": ceilings.connect_timeout_ms,
    }
    ours = {name: ms / 1000 for name, ms in limits_ms.items()}
    return {name: min(limit, asked.get(name) or limit) for name, limit in ours.items()}


def _by_phase(timeouts: dict[str, float]) -> dict[Phase, float]:
    ms = {name: seconds * 1000 for name, seconds in timeouts.items()}
    connecting = dict.fromkeys((Phase.RESOLVE, Phase.CONNECT, Phase.TLS), ms["connect"])
    return {**connecting, Phase.WRITE: ms["write"], Phase.FIRST_BYTE: ms["read"], Phase.BODY: ms["read"]}
