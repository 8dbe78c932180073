"""Puts a response on an HTTP/1.1 connection, each part in one write."""

import asyncio
import socket
import struct
from collections.abc import Callable

from support.reply import End, Framing, Part, Reply

_LINGER_0 = struct.pack("ii", 1, 0)
"""Closing discards what is unsent and resets the connection (socket(7), SO_LINGER)."""


async def _pause(delay_ms: float) -> None:
    if delay_ms:
        await asyncio.sleep(delay_ms / 1000)


def _reset(writer: asyncio.StreamWriter) -> None:
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_0)
    writer.transport.abort()


async def _write_parts(writer: asyncio.StreamWriter, reply: Reply, note: Callable[[Part], None]) -> None:
    """Write head and parts. The head goes out with the first part, unless that comes later than the head."""
    pending = reply.head
    for part in reply.parts:
        if part.delay_ms and pending:
            writer.write(pending)
            pending = b""
        await _pause(part.delay_ms)
        note(part)
        writer.write(pending + reply.framed(part.data))
        pending = b""
        await writer.drain()
    if reply.framing is Framing.CHUNKED and reply.end is End.KEEP:
        pending += b"0\r\n\r\n"
    writer.write(pending)
    await writer.drain()


async def _drip(writer: asyncio.StreamWriter, reply: Reply, note: Callable[[Part], None]) -> None:
    last = reply.parts[-1]
    while True:
        await _pause(last.delay_ms)
        note(last)
        writer.write(reply.framed(last.data))
        await writer.drain()


async def send(writer: asyncio.StreamWriter, reply: Reply, note: Callable[[Part], None]) -> bool:
    """Send a response, noting each body write; return whether the connection can take another request."""
    await _pause(reply.delay_ms)
    await _write_parts(writer, reply, note)
    if reply.end is End.DRIP:
        await _drip(writer, reply, note)
    if reply.end is End.HANG:
        await asyncio.Event().wait()
    if reply.end is End.RESET:
        _reset(writer)
    return reply.end is End.KEEP and reply.framing is not Framing.CLOSE
