"""One HTTP/2 connection of the stand-in venue (RFC 9113): streams become requests, responses become frames."""

import asyncio
from collections.abc import Callable

import h2.config
import h2.connection
import h2.errors
import h2.events

from support.reply import End, Part, Reply
from support.request import Request

Respond = Callable[[Request], tuple[int, Reply]]
"""Returns the number of a request and the response to it."""
Note = Callable[[int, Part], None]
"""Called with the number of a request before each write of its body."""


class H2Connection:
    """Serves the streams of one connection side by side, until the client leaves."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, respond: Respond, note: Note
    ) -> None:
        config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
        self._connection = h2.connection.H2Connection(config)
        self._reader, self._writer = reader, writer
        self._respond, self._note = respond, note
        self._requests: dict[int, Request] = {}
        self._answers: set[asyncio.Task[None]] = set()
        self._window = asyncio.Event()

    async def serve(self) -> None:
        """Answer until the client closes the connection."""
        self._connection.initiate_connection()
        self._flush()
        try:
            while data := await self._reader.read(65_536):
                for event in self._connection.receive_data(data):
                    self._take(event)
                self._flush()
        finally:
            await self._stop()

    async def _stop(self) -> None:
        """Cancel what still answers, since nobody listens any more; raise what went wrong while answering."""
        for answer in self._answers:
            answer.cancel()
        ended = await asyncio.gather(*self._answers, return_exceptions=True)
        for failure in ended:
            if isinstance(failure, Exception) and not isinstance(failure, ConnectionError):
                raise failure

    def _flush(self) -> None:
        self._writer.write(self._connection.data_to_send())

    def _take(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.RequestReceived):
            fields = {str(name): str(value) for name, value in event.headers}
            self._requests[event.stream_id] = Request(fields[":method"], fields[":path"], fields)
        elif isinstance(event, h2.events.DataReceived):
            old = self._requests[event.stream_id]
            self._requests[event.stream_id] = Request(old.method, old.path, old.headers, old.body + event.data)
            self._connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self._answers.add(asyncio.create_task(self._answer(event.stream_id)))
        elif isinstance(event, h2.events.WindowUpdated):
            self._window.set()

    async def _answer(self, stream: int) -> None:
        number, reply = self._respond(self._requests.pop(stream))
        await asyncio.sleep(reply.delay_ms / 1000)
        if reply.raw is None:
            self._connection.send_headers(stream, [(":status", str(reply.status)), *reply.headers])
            for part in reply.parts:
                await self._send(stream, number, part)
        await self._end(stream, reply)

    async def _send(self, stream: int, number: int, part: Part) -> None:
        if part.delay_ms:
            self._flush()
            await asyncio.sleep(part.delay_ms / 1000)
        self._note(number, part)
        left = part.data
        while left:
            room = min(self._connection.local_flow_control_window(stream), self._connection.max_outbound_frame_size)
            self._connection.send_data(stream, left[:room])
            self._flush()
            left = left[room:]
            if left and not room:
                self._window.clear()
                await self._window.wait()

    async def _end(self, stream: int, reply: Reply) -> None:
        """End the stream well, reset it, or leave it open: HTTP/2 has no other ends."""
        if reply.end is End.KEEP:
            self._connection.end_stream(stream)
        elif reply.end in {End.CUT, End.RESET}:
            self._connection.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
        else:
            await asyncio.Event().wait()
        self._flush()
        await self._writer.drain()
