"""
Whether a port of the loopback is free, taken, or answered by a server that is ready.

The request is made with the standard library's streams, because only the transport knows an HTTP library.
"""

import asyncio
import socket

HOST = "127.0.0.1"
_POLL_S = 0.05
_ATTEMPT_S = 5.0


def free_port() -> int:
    """Return a port that nobody has at this moment; somebody may take it before it is used."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    """Return whether somebody listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # only a listener counts, not a closed connection
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
        return False


async def until_answers(port: int, path: str) -> None:
    """Return once GET `path` answers 200; the caller sets the time limit."""
    while not await _answers(port, path):  # noqa: ASYNC110 - another process sets no event
        await asyncio.sleep(_POLL_S)


async def _answers(port: int, path: str) -> bool:
    try:
        async with asyncio.timeout(_ATTEMPT_S):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                head = f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n"
                writer.write(head.encode())
                status_line = await reader.readline()
            finally:
                writer.close()
    except (OSError, ValueError):  # refused, cut, too late (TimeoutError is an OSError), or a line without end
        return False
    return status_line.split()[1:2] == [b"200"]
