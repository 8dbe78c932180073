"""
Loopback venues that know the truth: they write on an absolute schedule and log when they really wrote.

A process of its own: `python -m benchmarks.clocked_server VENUES TTFT_MS TOKENS GAP_MS`. It prints its ports as JSON,
serves until its input ends, and then prints its log. All times are `perf_counter_ns`, one clock for all processes of a
machine. When a request arrived is asked of the kernel, where it tells, so that a late server does not look like a
fast one. Its answers are composed.
"""

import heapq
import json
import selectors
import socket
import struct
import sys
import time
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any

_TIMESTAMPNS = 35
"""`SO_TIMESTAMPNS` of Linux: the kernel says when it received a segment."""
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\n%s\r\n\r\n"
_NS_PER_MS = 1_000_000
_MODEL = b'"the model that was asked for"'


@dataclass(frozen=True, slots=True)
class Schedule:
    """When what is written after a request arrived."""

    ttft_ms: float
    tokens: int
    gap_ms: float


@dataclass(slots=True)
class Served:
    """One request: what the server knows of it."""

    port: int
    prompt: str
    streamed: bool
    arrived_ns: int
    tokens_ns: list[int] = field(default_factory=list)
    """When each token was written; of a whole answer, when all of it was."""
    late_ns: int = 0
    """The most that a write took, or was made after its time."""


class ClockedServer:
    """Serves until its input ends. One thread, no event loop: what is due is written before anything is read."""

    def __init__(self, venues: int, schedule: Schedule) -> None:
        self._schedule = schedule
        self._selector = selectors.DefaultSelector()
        self._due: list[tuple[int, int, socket.socket, bytes, Served | None]] = []
        self._numbers = count()
        self._waiting: dict[socket.socket, bytes] = {}
        self.log: list[Served] = []
        self.connections = 0
        self._events = _events(schedule.tokens)
        self.ports = [self._listen() for _ in range(venues)]

    def serve(self) -> None:
        """Serve until standard input ends."""
        self._selector.register(sys.stdin, selectors.EVENT_READ, None)
        while True:
            self._write_due()
            wait_s = max(0.0, (self._due[0][0] - time.perf_counter_ns()) / 1e9) if self._due else None
            for key, _ in self._selector.select(wait_s):
                if key.data is None:
                    return
                key.data(key.fileobj)

    def _listen(self) -> int:
        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        listener.setblocking(False)  # noqa: FBT003
        self._selector.register(listener, selectors.EVENT_READ, self._accept)
        return int(listener.getsockname()[1])

    def _accept(self, listener: socket.socket) -> None:
        connection, _ = listener.accept()
        self.connections += 1
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            connection.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
        self._waiting[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ, self._read)

    def _read(self, connection: socket.socket) -> None:
        try:
            data, ancillary, _, _ = connection.recvmsg(65536, 256)
        except OSError:
            data, ancillary = b"", []
        if not data:
            self._selector.unregister(connection)
            connection.close()
            del self._waiting[connection]
            return
        arrived_ns = _arrived_ns(ancillary)
        held = self._waiting[connection] + data
        head, found, body = held.partition(b"\r\n\r\n")
        length = _length(head) if found else 1
        self._waiting[connection] = b"" if found and len(body) >= length else held
        if found and len(body) >= length:
            self._answer(connection, head, body, arrived_ns)

    def _answer(self, connection: socket.socket, head: bytes, body: bytes, arrived_ns: int) -> None:
        asked = json.loads(body) if body else {}
        prompt = _prompt(asked["messages"][-1]["content"]) if asked else head.split(b" ")[1].decode()
        served = Served(connection.getsockname()[1], prompt, bool(asked.get("stream")), arrived_ns)
        self.log.append(served)
        writes = self._stream(asked) if served.streamed else self._whole(asked)
        for at_ms, data, counts in writes:
            due_ns = arrived_ns + int(at_ms * _NS_PER_MS)
            heapq.heappush(self._due, (due_ns, next(self._numbers), connection, data, served if counts else None))

    def _write_due(self) -> None:
        while self._due and self._due[0][0] <= time.perf_counter_ns():
            due_ns, _, connection, data, served = heapq.heappop(self._due)
            before_ns = time.perf_counter_ns()
            try:
                connection.send(data)
            except OSError:
                continue
            if served is not None:
                served.tokens_ns.append(before_ns)
                served.late_ns = max(served.late_ns, time.perf_counter_ns() - due_ns)

    def _whole(self, asked: dict[str, Any]) -> list[tuple[float, bytes, bool]]:
        choice = {"index": 0, "message": {"role": "assistant", "content": "ready"}, "finish_reason": "stop"}
        answer = {**_base(asked, "chat.completion"), "choices": [choice], "usage": _usage(1)}
        data = json.dumps(answer).encode()
        return [(self._schedule.ttft_ms, _HEAD % (b"application/json", b"content-length: %d" % len(data)) + data, True)]

    def _stream(self, asked: dict[str, Any]) -> list[tuple[float, bytes, bool]]:
        plan, model = self._schedule, json.dumps(asked.get("model", "none")).encode()
        opening, *tokens, stop, usage = (_chunk(event.replace(_MODEL, model)) for event in self._events)
        opening = _HEAD % (b"text/event-stream", b"transfer-encoding: chunked") + opening
        closing = stop + usage + _chunk(b"data: [DONE]\n\n") + _chunk(b"")
        return [
            (plan.ttft_ms / 10, opening, False),
            *((plan.ttft_ms + index * plan.gap_ms, token, True) for index, token in enumerate(tokens)),
            (plan.ttft_ms + plan.tokens * plan.gap_ms, closing, False),
        ]


def _events(tokens: int) -> list[bytes]:
    """
    Return the events of a stream but for its model and terminator.

    They are made once: what a venue does to answer must not be done on the machine of the client that is measured.
    """
    base = _base({"model": _MODEL.decode().strip('"')}, "chat.completion.chunk")
    deltas: list[tuple[dict[str, str], str | None]] = [({"role": "assistant"}, None)]
    deltas += [({"content": f"{index} "}, None) for index in range(tokens)] + [({}, "stop")]
    choices = [[{"index": 0, "delta": delta, "finish_reason": finish}] for delta, finish in deltas]
    values: list[Any] = [{**base, "choices": each} for each in choices]
    values.append({**base, "choices": [], "usage": _usage(tokens)})
    return [b"data: " + json.dumps(value).encode() + b"\n\n" for value in values]


def _prompt(content: Any) -> str:
    """Return the first line of what was said, as text or as a list of parts."""
    text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
    return str(text).partition("\n")[0]


def _arrived_ns(ancillary: list[tuple[int, int, bytes]]) -> int:
    """Return when the kernel received the segment, or now; the kernel's wall clock is turned into ours."""
    now_ns = time.perf_counter_ns()
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, _TIMESTAMPNS):
            seconds, nanoseconds = struct.unpack("qq", data[:16])
            return now_ns - (time.time_ns() - (seconds * 1_000_000_000 + nanoseconds))
    return now_ns


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _base(asked: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "composed-1", "object": kind, "created": 1, "model": asked.get("model", "none")}


def _usage(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": 40, "completion_tokens": tokens, "total_tokens": 40 + tokens}


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def main() -> None:
    """Serve, and print the log at the end."""
    venues, ttft_ms, tokens, gap_ms = sys.argv[1:]
    server = ClockedServer(int(venues), Schedule(float(ttft_ms), int(tokens), float(gap_ms)))
    print(json.dumps(server.ports), flush=True)
    server.serve()
    print(json.dumps({"connections": server.connections, "log": [asdict(each) for each in server.log]}), flush=True)


if __name__ == "__main__":
    main()
