"""
One open connection as httpcore and httpcore2 want it (`AsyncNetworkStream`), with our inbox at its end.
"""

import asyncio
import hashlib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from pytest_darkhost.observations import Phase
from pytest_darkhost.transport.inbox import Inbox
from pytest_darkhost.transport.recorder import ConnectionFacts

if TYPE_CHECKING:
    from pytest_darkhost.transport.backend import ClockedBackend

FACTS = "darkhost_facts"
"""Name under which a stream gives its `ConnectionFacts` as extra information."""
_CLOSE_S = 1.0


@contextmanager
def translated(time_out: type[Exception], failure: type[Exception]) -> Iterator[None]:
    """Turn errors of asyncio into those of the library, with the cause kept."""
    try:
        yield
    except TimeoutError as error:
        raise time_out(error) from error
    except (OSError, UnicodeError) as error:
        raise failure(error) from error


class ClockedStream:
    """Reads one stamped piece at a time, so that each byte of a body has the time of its own arrival."""

    def __init__(
        self, backend: "ClockedBackend", transport: asyncio.Transport, inbox: Inbox, facts: ConnectionFacts
    ) -> None:
        self._backend = backend
        self._core = backend.core
        self._transport = transport
        self._inbox = inbox
        self._facts = facts
        inbox.attach(transport)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - the interface's
        """Return the next piece, or nothing at the end. The wait for it ends when the whole request must, too."""
        inbox, recorder = self._inbox, self._backend.recorder
        try:
            if not inbox.readable:
                await inbox.arrival(_due_s(timeout, recorder.until_s))
            at_ns, data = inbox.take(max_bytes)
        except TimeoutError as error:
            raise self._core.ReadTimeout(error) from error
        except OSError as error:
            raise self._core.ReadError(error) from error
        recorder.took(at_ns, data, inbox.clock)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - the interface's
        """Hand bytes to the socket and wait until it has taken them all."""
        if not buffer:
            return
        with translated(self._core.WriteTimeout, self._core.WriteError):
            self._inbox.check()
            at_ns = self._backend.now()
            self._transport.write(buffer)
            if not self._inbox.is_flushed:
                async with asyncio.timeout(timeout):
                    await self._inbox.flushed()
                at_ns = self._backend.now()
            # What fits at once was on its way before `write` came back, which a busy machine may delay.
            self._backend.recorder.last_write_ns = at_ns

    async def aclose(self) -> None:
        """Close at once, without waiting for the peer's part of the farewell."""
        self._backend.forget(self)
        self._transport.close()
        try:
            # One turn of the loop lets the TLS close notification out, as anyio does it.
            await asyncio.sleep(0)
        finally:
            self._transport.abort()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await asyncio.shield(self._inbox.closed)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's
    ) -> "ClockedStream":
        """Return the stream inside the TLS session that is opened over this one."""
        recorder = self._backend.recorder
        recorder.phase = Phase.TLS
        try:
            with translated(self._core.ConnectTimeout, self._core.ConnectError):
                async with asyncio.timeout(timeout):
                    transport, inbox = await self._handshake(ssl_context, server_hostname)
        except BaseException:
            await self._give_up()
            raise
        recorder.tls_ns = self._backend.now()
        facts = _with_tls(self._facts, transport, ssl_context)
        return self._backend.replaced(self, ClockedStream(self._backend, transport, inbox, facts), facts)

    def get_extra_info(self, info: str) -> Any:
        """Return what the library asks of a stream, or `None`."""
        names = {"server_addr": "peername", "client_addr": "sockname"}
        match info:
            case "is_readable":
                return self._inbox.readable
            case name if name == FACTS:
                return self._facts
            case _:
                return self._transport.get_extra_info(names.get(info, info))

    @property
    def ended(self) -> bool:
        """Whether the peer has closed the connection."""
        return self._inbox.finished

    async def _handshake(self, context: ssl.SSLContext, host: str | None) -> tuple[asyncio.Transport, Inbox]:
        inbox = Inbox(self._inbox.stamps)
        loop = asyncio.get_running_loop()
        transport = cast(
            "asyncio.Transport", await loop.start_tls(self._transport, inbox, context, server_hostname=host)
        )
        # With a high mark of 0 asyncio's TLS layer would pause without ever resuming.
        transport.set_write_buffer_limits(high=1, low=0)
        return transport, inbox

    async def _give_up(self) -> None:
        self._backend.forget(self)
        self._transport.abort()
        await asyncio.sleep(0)


def _due_s(timeout_s: float | None, until_s: float) -> float:
    """Return the time of the loop at which a wait that begins now is over."""
    return until_s if timeout_s is None else min(asyncio.get_running_loop().time() + timeout_s, until_s)


def _with_tls(facts: ConnectionFacts, transport: asyncio.Transport, context: ssl.SSLContext) -> ConnectionFacts:
    """Return the facts with the session's version and the leaf certificate's digest."""
    session = transport.get_extra_info("ssl_object")
    leaf = session.getpeercert(binary_form=True)
    return replace(
        facts,
        tls_version=(session.version() or "").removeprefix("TLSv") or None,
        tls_certificate_sha256=hashlib.sha256(leaf).hexdigest().upper() if leaf else None,
        tls_verified=context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname,
    )
