"""
An exchange becomes an interaction of vcrpy's, and an interaction an exchange again.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from pytest_darkhost.cassettes.scrubbing import kept_chunks, kept_headers, without_accounts_in
from pytest_darkhost.cassettes.stored import StoredExchange, StoredInteraction
from pytest_darkhost.observations import Chunk, ErrorKind, Exchange, Mode, ProbeError
from pytest_darkhost.plain_text import printable

_ANSWERED = frozenset({ErrorKind.REDIRECTED, ErrorKind.PROXY})
"""Errors of the transport that are read from a whole response."""
_TEXTS = ("message", "venue_code", "venue_message", "request_id", "location")


def is_whole(exchange: Exchange) -> bool:
    """Return whether vcrpy can replay an exchange: a response came, and came whole."""
    return exchange.status is not None and (exchange.error is None or exchange.error.kind in _ANSWERED)


def to_interaction(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange as vcrpy stores it, with our mapping `darkhost` in its response. Holds no key."""
    chunks = kept_chunks(exchange)
    status = exchange.status
    return {
        "request": {
            "method": exchange.method,
            "uri": exchange.url,
            "body": exchange.request_body,
            "headers": {name: [value] for name, value in exchange.request_headers},
        },
        "response": {
            "status": None if status is None else {"code": status, "message": _phrase(status)},
            "headers": kept_headers(exchange.headers),
            "body": {"string": b"".join(chunk.data for chunk in chunks)},
            "darkhost": _ours(exchange, chunks),
        },
    }


def _ours(exchange: Exchange, chunks: tuple[Chunk, ...]) -> dict[str, Any]:
    stored = StoredExchange(
        started_at=exchange.started_at,
        http_version=exchange.http_version,
        marks=exchange.marks,
        chunks=tuple((chunk.at_ns, len(chunk.data)) for chunk in chunks),
        connection=exchange.connection,
        loop_lag_ms=round(exchange.loop_lag_ms, 3),
        clock=exchange.clock,
        error=_scrubbed(exchange.error) if exchange.error else None,
    )
    data: dict[str, Any] = stored.model_dump(mode="json", exclude_defaults=True)
    return data


def _scrubbed(error: ProbeError) -> ProbeError:
    """Return an error whose texts hold no id of the account and nothing that a terminal would obey."""
    texts = {name: text for name in _TEXTS if (text := getattr(error, name)) is not None}
    clean: dict[str, Any] = {name: printable(without_accounts_in(text)) for name, text in texts.items()}
    return replace(error, **clean)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def to_exchange(interaction: StoredInteraction, mode: Mode) -> Exchange:
    """
    Return what an interaction holds, with its recorded times.

    :raises ValueError: when the chunks are not those of the body.
    """
    request, response = interaction.request, interaction.response
    ours = response.darkhost
    return Exchange(
        method=request.method,
        url=request.uri,
        request_body=_bytes(request.body),
        request_headers=_flat(request.headers),
        started_at=ours.started_at,
        mode=mode,
        status=response.status.code if response.status else None,
        headers=_flat(response.headers),
        http_version=ours.http_version,
        chunks=_chunks(response.body.string, ours.chunks),
        marks=ours.marks,
        connection=ours.connection,
        loop_lag_ms=ours.loop_lag_ms,
        clock=ours.clock,
        error=ours.error,
    )


def _chunks(body: bytes, pieces: tuple[tuple[int, int], ...]) -> tuple[Chunk, ...]:
    if sum(size for _, size in pieces) != len(body):
        msg = f"chunks of {sum(size for _, size in pieces)} bytes, expected those of a body of {len(body)}"
        raise ValueError(msg)
    start, chunks = 0, []
    for at_ns, size in pieces:
        chunks.append(Chunk(at_ns, body[start : start + size]))
        start += size
    return tuple(chunks)


def _bytes(body: str | bytes | None) -> bytes:
    return body.encode() if isinstance(body, str) else body or b""


def _flat(headers: dict[str, list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name.lower(), value) for name, values in headers.items() for value in values)
