"""
The loopback stand-in for a venue: answers as one of ten hosted venues would, or with a fault.

Its answers are composed (`shapes`); it shows what the package makes of an answer, and nothing about a venue.
"""

import asyncio
import contextlib
import time
from functools import partial
from types import TracebackType
from typing import Any, Self

from support.answering import answer
from support.faults import Fault
from support.h2_connection import H2Connection
from support.loop_thread import LoopThread
from support.play import Play
from support.profile import Profile
from support.profiles import PROFILES
from support.reply import Part, Reply
from support.request import Request, read_request
from support.seen import Seen, Write, seen
from support.sending import send
from support.tls import TlsFiles

_LARGEST_HEAD = 256 * 1024


def _speaks_h2(writer: asyncio.StreamWriter) -> bool:
    """Return whether HTTP/2 was agreed on (ALPN, RFC 7301)."""
    session = writer.get_extra_info("ssl_object")
    return session is not None and session.selected_alpn_protocol() == "h2"


class VenueServer:
    """
    A running stand-in venue; a context manager.

    `profile` is a venue's name. `models` are those that it serves (default: the profile's own). Further arguments
    are those of `Play`. Servers that share a `thread` share its event loop.
    """

    def __init__(
        self,
        profile: str = "openai-plain",
        *,
        models: tuple[str, ...] = (),
        fault: Fault | None = None,
        tls: TlsFiles | None = None,
        h2: bool = False,
        thread: LoopThread | None = None,
        **settings: Any,
    ) -> None:
        known = PROFILES[profile]
        self.play = Play(known, models or (known.model,), fault, **settings)
        self._tls, self._h2 = tls, h2
        self._thread = thread or LoopThread()
        self._owns_thread = thread is None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._log: list[Seen] = []
        self._writes: list[Write] = []
        self._connections = 0
        self._spoiled = 0
        self._failures: list[Exception] = []

    @property
    def profile(self) -> Profile:
        """The venue that is played."""
        return self.play.profile

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        assert self._server is not None, "the server is not running"
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def root_url(self) -> str:
        """Scheme, host and port."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """What a spec says: the adapter appends its path to it."""
        return self.root_url + self.profile.base_path

    @property
    def log(self) -> tuple[Seen, ...]:
        """The requests so far."""
        return tuple(self._log)

    @property
    def connections(self) -> int:
        """How many connections were accepted so far."""
        return self._connections

    @property
    def body_writes(self) -> tuple[Write, ...]:
        """The body writes so far."""
        return tuple(self._writes)

    @property
    def writes(self) -> tuple[int, ...]:
        """When each body write was made, as `time.perf_counter_ns`."""
        return tuple(write.at_ns for write in self._writes)

    def __enter__(self) -> Self:
        if self._owns_thread:
            self._thread.__enter__()
        self._thread.call(self._start())
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._thread.call(self._stop())
        if self._owns_thread:
            self._thread.__exit__()
        if self._failures:
            raise self._failures[0]

    async def _start(self) -> None:
        context = self._tls.context(h2=self._h2) if self._tls else None
        self._server = await asyncio.start_server(
            self._serve,
            "127.0.0.1",
            0,
            ssl=context,
            limit=_LARGEST_HEAD,
            backlog=256,
        )

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await self._converse(reader, writer, self._connections)
        except Exception as failure:
            self._failures.append(failure)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> None:
        if self.play.fault is Fault.ACCEPT_AND_CLOSE:
            return
        if _speaks_h2(writer):
            await H2Connection(reader, writer, lambda request: self.reply_to(request, connection), self._note).serve()
        while (request := await read_request(reader)) is not None:
            number, reply = self.reply_to(request, connection)
            open_still = await send(writer, reply, partial(self._note, number))
            if not open_still or request.headers.get("connection") == "close":
                return

    def _note(self, number: int, part: Part) -> None:
        self._writes.append(Write(number, time.perf_counter_ns(), len(part.data)))

    def reply_to(self, request: Request, connection: int) -> tuple[int, Reply]:
        """Log a request; return its number and the response."""
        asked = self.play.asked(request)
        number = len(self._log) + 1
        self._log.append(seen(request, asked.kind, number, connection))
        fault = None
        if self.play.spoils(asked.kind):
            fault = self.play.planted(self._spoiled)
            self._spoiled += 1
        return number, answer(self.play, request, asked, number=number, fault=fault)
