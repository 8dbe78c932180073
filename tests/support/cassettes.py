"""Exchanges and cassettes as values, for tests that need no venue. All of it is composed."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pytest_darkhost.cassettes.player import Player
from pytest_darkhost.cassettes.reading import open_cassette, parsed_cassette
from pytest_darkhost.cassettes.writing import write_cassette
from pytest_darkhost.observations import CassetteLabel, Chunk, ErrorKind, Exchange, Marks, Mode, Phase, ProbeError
from pytest_darkhost.plan import Owner
from pytest_darkhost.secrets import Redactor
from support.specs import make_venue

NAME = "cassettes/acme/small-acme.yaml"
MOMENT = datetime(2026, 11, 25, 8, 30, 0, 123456, tzinfo=UTC)
RUN = "11111111-1111-4111-8111-111111111111"
LATER_RUN = "22222222-2222-4222-8222-222222222222"
URL = "https://api.acme.example/v1/chat/completions"
OWNER = Owner("acme", "small-acme")


def exchange_of(body: bytes = b'{"ok":true}', **changes: Any) -> Exchange:
    """Return a whole exchange with this body in one chunk; keyword arguments replace its attributes."""
    values: dict[str, Any] = {
        "method": "POST",
        "url": URL,
        "request_body": b'{"model":"small","messages":[{"role":"user","content":"Run %s.\\nHi"}]}' % RUN.encode(),
        "request_headers": (("accept", "application/json"), ("content-type", "application/json")),
        "started_at": MOMENT,
        "mode": Mode.REPLAY,
        "status": 200,
        "headers": (("content-type", "application/json"),),
        "http_version": "1.1",
        "chunks": (Chunk(7, body),) if body else (),
        "marks": Marks(request_sent_ns=1, first_byte_ns=5, end_ns=9),
        **changes,
    }
    return Exchange(**values)


def failure_of(kind: ErrorKind = ErrorKind.TIMEOUT_FIRST_BYTE, **changes: Any) -> Exchange:
    """Return an exchange that ended before its response."""
    error = ProbeError(kind, "api.acme.example: nothing came", Phase.FIRST_BYTE)
    return exchange_of(b"", **{"status": None, "headers": (), "http_version": None, "error": error, **changes})


def label_of(**changes: Any) -> CassetteLabel:
    """Return what a cassette of `small-acme` says of itself."""
    values: dict[str, Any] = {
        "name": NAME,
        "sha256": "",
        "composed": False,
        "venue": OWNER.venue,
        "model": OWNER.model,
        "recorded_at": MOMENT,
        "run_id": RUN,
        "version": "0.0.0",
        "base_url": "https://api.acme.example",
        "key_header": "authorization: Bearer",
        "spec_sha256": "0" * 64,
        **changes,
    }
    return CassetteLabel(**values)


def write(path: Path, exchanges: Iterable[Exchange], *keys: str, **label: Any) -> Path:
    """Write a cassette that must hold none of the keys; return its path."""
    write_cassette(path, label_of(**label), exchanges, Redactor.of(keys))
    return path


def read(path: Path) -> tuple[Exchange, ...]:
    """Return the exchanges of a cassette."""
    return parsed_cassette(path.read_bytes(), NAME)[2]


def player_of(path: Path, run_id: str = LATER_RUN, **venue: Any) -> Player:
    """Return a player of a cassette of `small-acme`."""
    return open_cassette(path, NAME, make_venue(**venue), OWNER, run_id=run_id)
