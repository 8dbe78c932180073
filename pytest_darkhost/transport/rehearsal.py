"""
A request that goes nowhere: what Python loads and prepares on a first request is then part of no time.

Without it the first call of a process would look 40 ms or more slower than its venue is.
"""

import asyncio

from pytest_darkhost.secrets import Redactor
from pytest_darkhost.transport.library import Library
from pytest_darkhost.transport.observing import pass_on
from pytest_darkhost.transport.recording import Recording
from pytest_darkhost.transport.way import Way

_URL = "http://rehearsal.invalid/"
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


async def rehearse(library: Library) -> None:
    """Send one request through the library to its own mock of a network, and read the answer."""
    backend = library.core.AsyncMockBackend([_ANSWER])
    recording = Recording("POST", _URL, (), b"{}", Way(None, "", {}, 10_000, 1000), Redactor())
    async with library.core.AsyncConnectionPool(network_backend=backend) as pool:
        request = library.httpx.Request("POST", _URL, content=b"{}")
        _, body = await pass_on(library, pool, request, recording)
        async for _ in body:
            pass
    # The thread that looks names up is started by the first who needs it.
    await asyncio.get_running_loop().run_in_executor(None, int)
