"""A client of the standard library for stand-in venues: what it reports is what was on the socket."""

import http.client
import io
import json
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from support.asked import Kind
from support.keys import KEY
from support.venue_server import VenueServer

_LIMIT = 4_000_000
SCHEMA = {
    "type": "object",
    "properties": {"harbour": {"type": "string"}, "hour": {"type": "integer"}},
    "required": ["harbour", "hour"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Received:
    """What a socket brought for one request."""

    data: bytes
    ended: str
    """`eof`, `reset`, `timeout` or `limit`."""

    def response(self) -> http.client.HTTPResponse:
        """Return the response, its head read."""
        response = http.client.HTTPResponse(_Replayed(self.data))  # type: ignore[arg-type]
        response.begin()
        return response

    @property
    def body(self) -> bytes:
        """The body, without its framing."""
        return self.response().read()

    @property
    def events(self) -> list[tuple[str | None, str]]:
        """Name and data of each event of a stream, by the plainest reading."""
        blocks = self.body.decode().split("\n\n")
        fields = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks if block]
        return [(field.get("event"), field["data"]) for field in fields]


@dataclass(frozen=True, slots=True)
class _Replayed:
    data: bytes

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self.data)


def _tool(dialect: str) -> dict[str, Any]:
    if dialect == "anthropic":
        return {"tools": [{"name": "tide_height", "input_schema": SCHEMA}]}
    return {"tools": [{"type": "function", "function": {"name": "tide_height", "parameters": SCHEMA}}]}


def _schema(dialect: str) -> dict[str, Any]:
    if dialect == "anthropic":
        return {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}}
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "tide", "schema": SCHEMA}}}


def body_for(server: VenueServer, kind: Kind) -> dict[str, Any]:
    """Return a request body of a kind, in the server's dialect."""
    model = "not-a-model" if kind is Kind.UNKNOWN_MODEL else server.play.models[0]
    body: dict[str, Any] = {"model": model, "max_tokens": 96, "messages": [{"role": "user", "content": "tide?"}]}
    if kind in {Kind.TOOL, Kind.TOOL_STREAM}:
        body |= _tool(server.profile.dialect)
    if kind is Kind.JSON_SCHEMA:
        body |= _schema(server.profile.dialect)
    if kind in {Kind.STREAM, Kind.TOOL_STREAM}:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body


def request_bytes(server: VenueServer, kind: Kind, *, key: str = KEY, path: str | None = None) -> bytes:
    """Return a whole request of a kind, after which the server is to close the connection."""
    profile, listing = server.profile, kind is Kind.MODELS
    body = b"" if listing else json.dumps(body_for(server, kind)).encode()
    where = path or (profile.models_path if listing else profile.chat_path)
    authorization = f"x-api-key: {key}" if profile.dialect == "anthropic" else f"authorization: Bearer {key}"
    lines = (
        f"{'GET' if listing else 'POST'} {where} HTTP/1.1",
        f"host: 127.0.0.1:{server.port}",
        *((authorization,) if key else ()),
        f"content-length: {len(body)}",
        "connection: close",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _connect(server: VenueServer, timeout_s: float, context: ssl.SSLContext | None) -> socket.socket:
    raw = socket.create_connection(("127.0.0.1", server.port), timeout_s)
    return raw if context is None else context.wrap_socket(raw, server_hostname="127.0.0.1")


def exchange(
    server: VenueServer,
    kind: Kind,
    *,
    key: str = KEY,
    path: str | None = None,
    timeout_s: float = 5.0,
    context: ssl.SSLContext | None = None,
) -> Received:
    """Send one request and return all that comes until the connection ends, or stays silent for so long."""
    data = b""
    with _connect(server, timeout_s, context) as connection:
        try:
            connection.sendall(request_bytes(server, kind, key=key, path=path))
            while len(data) < _LIMIT:
                received = connection.recv(65_536)
                if not received:
                    return Received(data, "eof")
                data += received
        except TimeoutError:
            return Received(data, "timeout")
        except ConnectionError:
            return Received(data, "reset")
    return Received(data, "limit")
