"""
A small HTTP/2 server for one script: headers, then pieces of a body, with a pause before each.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext

import h2.config
import h2.connection
import h2.events

from transport.loopback import accepting


@dataclass
class H2Server:
    """What the server plays and has seen."""

    pieces: tuple[bytes, ...] = (b"{}",)
    pause_s: float = 0.0
    status: str = "200"
    reset: bool = False
    """Break the stream off instead of ending it."""
    say_goodbye: bool = False
    """Close the connection after each answer."""
    port: int = 0
    connections: int = 0
    requests: list[dict[str, str]] = field(default_factory=list)
    arrived_ns: list[int] = field(default_factory=list)
    written_ns: list[int] = field(default_factory=list)


@asynccontextmanager
async def listening_h2(server: H2Server, context: SSLContext) -> AsyncIterator[H2Server]:
    """Yield the server while it listens with TLS."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        state.initiate_connection()
        writer.write(state.data_to_send())
        while data := await reader.read(65536):
            for event in state.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    server.requests.append({str(name): str(value) for name, value in event.headers or ()})
                if isinstance(event, h2.events.StreamEnded):
                    server.arrived_ns.append(time.perf_counter_ns())
                    await _answer(server, state, writer, event.stream_id)
                    if server.say_goodbye:
                        return
            writer.write(state.data_to_send())

    async with accepting(converse, context) as server.port:
        yield server


async def _answer(
    server: H2Server, state: h2.connection.H2Connection, writer: asyncio.StreamWriter, stream: int
) -> None:
    await asyncio.sleep(server.pause_s)
    state.send_headers(stream, [(":status", server.status), ("content-type", "text/event-stream")])
    for number, piece in enumerate(server.pieces):
        await asyncio.sleep(server.pause_s if number else 0)
        state.send_data(stream, piece)
        server.written_ns.append(time.perf_counter_ns())
        writer.write(state.data_to_send())
    if server.reset:
        state.reset_stream(stream, error_code=2)
    else:
        state.end_stream(stream)
    writer.write(state.data_to_send())
    await writer.drain()
