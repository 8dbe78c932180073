"""
A server on loopback that plays a script, logs when it wrote what, and counts connections; and clients for it.
"""

import asyncio
import socket
import ssl
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pytest_darkhost.dialects.http_request import HttpRequest
from pytest_darkhost.secrets import Credential, Redactor
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.transport.client import TargetClient
from pytest_darkhost.transport.clock import LoopLag

CANARY = "sk-canary-0123456789-abcdefghij"
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """Return data as one chunk of a chunked body; none ends it."""
    return b"%x\r\n%s\r\n" % (len(data), data)


@dataclass
class Turn:
    """One request that arrived, and the way to answer it."""

    head: str
    body: bytes
    arrived_ns: int
    writer: asyncio.StreamWriter
    written_ns: list[int] = field(default_factory=list)
    keep_alive: bool = True

    async def write(self, data: bytes) -> None:
        """Write at once and log when."""
        self.written_ns.append(time.perf_counter_ns())
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Break the connection with a TCP reset, which a socket sends that must not linger."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        self.keep_alive = False


Script = Callable[[Turn], Awaitable[None]]


async def says_ok(turn: Turn) -> None:
    """Answer with an empty object."""
    await turn.write(OK)


def saying(*pieces: bytes, close: bool = True, pause_s: float = 0.0) -> Script:
    """Return a script that writes pieces, with a pause before each but the first, and may then close."""

    async def script(turn: Turn) -> None:
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.sleep(pause_s)
            await turn.write(piece)
        turn.keep_alive = not close

    return script


async def stays_silent(turn: Turn) -> None:
    """Never answer."""
    await asyncio.sleep(60)


@dataclass
class Server:
    """A listening server and what it has seen."""

    port: int = 0
    connections: int = 0
    turns: list[Turn] = field(default_factory=list)
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Base URL."""
        return f"{self.scheme}://127.0.0.1:{self.port}"


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    lengths = [line.split(":")[1] for line in head.lower().splitlines() if line.startswith("content-length:")]
    return head, await reader.readexactly(int(lengths[0]) if lengths else 0)


Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def accepting(accept: Accept, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Yield the port of a server that treats each connection so. Nothing of it is left at the end."""
    tasks: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await accept(reader, writer)
        writer.close()
        with suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@asynccontextmanager
async def listening(script: Script, context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Yield a server that plays the script for each request."""
    state = Server(scheme="https" if context else "http")

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state.connections += 1
        keep_alive = True
        while keep_alive:
            head, body = await _read_request(reader)
            turn = Turn(head, body, time.perf_counter_ns(), writer)
            state.turns.append(turn)
            await script(turn)
            keep_alive = turn.keep_alive

    async with accepting(converse, context) as state.port:
        yield state


def venue(base_url: str, *, dialect: str = "openai", **ceilings: float) -> VenueSpec:
    """Return a composed spec of a venue at this URL."""
    price = {"in_per_mtok_usd": "1", "out_per_mtok_usd": "1", "source": "composed", "as_of": "2026-01-01"}
    model = {"slug": "small", "upstream_model": "small", "brand": "nobody", "price": price}
    sign = {"status": (401,)}
    return VenueSpec.model_validate(
        {
            "venue": "composed",
            "dialect": dialect,
            "base_url": base_url,
            "credential_env": ("COMPOSED_KEY",),
            "errors": {"refused_key": sign, "unknown_model": sign},
            "ceilings": ceilings,
            "models": (model,),
        }
    )


def asking(url: str, body: bytes = b'{"model": "small"}') -> HttpRequest:
    """Return a request for a chat completion."""
    return HttpRequest("POST", f"{url}/v1/chat/completions", (("content-type", "application/json"),), body)


@asynccontextmanager
async def target_client(spec: VenueSpec, key: str | None = CANARY, **options: Any) -> AsyncIterator[TargetClient]:
    """Yield a client of the venue that holds the key."""
    credential = Credential(key) if key else None
    redactor = Redactor.of([credential] if credential else [])
    async with (
        LoopLag() as lag,
        TargetClient(spec, credential=credential, redactor=redactor, lag=lag, **options) as client,
    ):
        yield client
