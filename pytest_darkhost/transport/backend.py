"""
Opens connections for httpcore and httpcore2 (`AsyncNetworkBackend`) and notes when each step ended. asyncio only.
"""

import asyncio
import ipaddress
import socket
import time
from collections.abc import Iterable
from typing import Any

from aiohappyeyeballs import start_connection

from pytest_darkhost.observations import Phase
from pytest_darkhost.transport.inbox import Inbox
from pytest_darkhost.transport.library import Library
from pytest_darkhost.transport.recorder import ConnectionFacts, Recorder
from pytest_darkhost.transport.stamped_socket import StampedSocket, handshake_ns, stamped
from pytest_darkhost.transport.streams import ClockedStream, translated

_SECOND_FAMILY_AFTER_S = 0.25
"""RFC 8305, 5: the recommended delay between connection attempts."""

Address = tuple[int, int, int, str, Any]


class ClockedBackend:
    """Serves one request at a time: the one whose recorder is set."""

    def __init__(self, library: Library) -> None:
        self.core = library.core
        self.recorder = Recorder()
        self._open: list[ClockedStream] = []

    @staticmethod
    def now() -> int:
        """Return the time that all marks are taken in."""
        return time.perf_counter_ns()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's
        local_address: str | None = None,  # noqa: ARG002 - our pools never set it
        socket_options: Iterable[Any] | None = None,
    ) -> ClockedStream:
        """Return a stream to the host; the time-out covers looking up the name and connecting."""
        with translated(self.core.ConnectTimeout, self.core.ConnectError):
            async with asyncio.timeout(timeout):
                self.recorder.phase = Phase.RESOLVE
                addresses = await self._addresses(host, port)
                self.recorder.phase, began_ns = Phase.CONNECT, self.now()
                sock = await start_connection(addresses, happy_eyeballs_delay=_SECOND_FAMILY_AFTER_S, interleave=1)
                self.recorder.tcp_ns = self._connected_ns(sock, began_ns)
                return await self._stream(sock, (*(socket_options or ()), (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)))

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's
        socket_options: Iterable[Any] | None = None,
    ) -> ClockedStream:
        """Return a stream to a socket of this machine."""
        with translated(self.core.ConnectTimeout, self.core.ConnectError):
            async with asyncio.timeout(timeout):
                self.recorder.phase = Phase.CONNECT
                sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                sock.settimeout(0)
                try:
                    await asyncio.get_running_loop().sock_connect(sock, path)
                except BaseException:
                    sock.close()
                    raise
                self.recorder.tcp_ns = self.now()
                return await self._stream(sock, tuple(socket_options or ()))

    async def sleep(self, seconds: float) -> None:
        """Wait. The library asks for it between its own attempts to connect, which our pools do not allow."""
        await asyncio.sleep(seconds)

    def replaced(self, outer: ClockedStream, inner: ClockedStream, facts: ConnectionFacts) -> ClockedStream:
        """Return the stream that stands for another one from now on."""
        self.forget(outer)
        self._open.append(inner)
        self.recorder.facts = facts
        return inner

    def forget(self, stream: ClockedStream) -> None:
        """Take note that a stream is closed by us."""
        if stream in self._open:
            self._open.remove(stream)

    @property
    def has_dead(self) -> bool:
        """Whether the peer has closed a connection that the pool still holds."""
        return any(stream.ended for stream in self._open)

    def _connected_ns(self, sock: socket.socket, began_ns: int) -> int:
        """Return when the handshake was over. We may wake later than that; the kernel knows how long it took."""
        now_ns, took_ns = self.now(), handshake_ns(sock)
        first_address = now_ns - began_ns < _SECOND_FAMILY_AFTER_S * 1e9
        return now_ns if took_ns is None or not first_address else min(now_ns, began_ns + took_ns)

    async def _addresses(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        if not _is_address(host):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            self.recorder.dns_ns = self.now()
            return list(found)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return [(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]

    async def _stream(self, sock: socket.socket, options: tuple[Any, ...]) -> ClockedStream:
        sock = stamped(sock)
        stamps = sock if isinstance(sock, StampedSocket) else None
        try:
            for option in options:
                sock.setsockopt(*option)
            facts = ConnectionFacts(peer_address=_shown(sock))
            transport, inbox = await asyncio.get_running_loop().create_connection(lambda: Inbox(stamps), sock=sock)
        except BaseException:
            sock.close()
            raise
        # With no buffer of asyncio's own, "written" means that the kernel has it.
        transport.set_write_buffer_limits(high=0)
        stream = ClockedStream(self, transport, inbox, facts)
        self._open.append(stream)
        self.recorder.facts = facts
        return stream


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _shown(sock: socket.socket) -> str | None:
    """Return the peer's address and port, as `192.0.2.1:443` or `[2001:db8::1]:443`."""
    peer = sock.getpeername()
    if not isinstance(peer, tuple):
        return None
    return f"[{peer[0]}]:{peer[1]}" if ":" in peer[0] else f"{peer[0]}:{peer[1]}"
