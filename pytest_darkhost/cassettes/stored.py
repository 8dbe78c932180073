"""
The shape of our own part of a cassette file, checked when one is read. The rest is vcrpy's.

Beside `interactions`, the file has a mapping `darkhost`: what it says of itself, and the exchanges that ended in a
failure of the transport, which vcrpy has no shape for. Each response has one of the same name: times and connection.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from pytest_darkhost.observations import Connection, Marks, ProbeError

SCHEMA = 1
Nanoseconds = Annotated[int, Field(ge=0, lt=2**53)]


class Stored(BaseModel):
    """Frozen, and without keys that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StoredLabel(Stored):
    """What a cassette says of itself."""

    schema_: Literal[1] = Field(alias="schema")
    origin: Literal["recorded", "composed"]
    venue: str
    model: str | None
    recorded_at: datetime
    run_id: Annotated[str, Field(min_length=8)]
    version: str
    base_url: str
    spec_sha256: str
    failures: list[dict[str, Any]] = []
    """Shaped like `interactions`."""


def _pairs(text: Any) -> Any:
    """Return `at_ns:bytes at_ns:bytes …` as pairs of numbers."""
    if not isinstance(text, str):
        return text
    return [tuple(piece.split(":")) for piece in text.split()]


def _as_text(pairs: tuple[tuple[int, int], ...]) -> str:
    return " ".join(f"{at_ns}:{size}" for at_ns, size in pairs)


def _named(text: Any) -> Any:
    """Return `dns_ns=1 tcp_ns=2` as a mapping."""
    return dict(piece.partition("=")[::2] for piece in text.split()) if isinstance(text, str) else text


def _as_names(marks: Marks) -> str:
    return " ".join(f"{name}={ns}" for name, ns in asdict(marks).items() if ns is not None)


Chunks = Annotated[
    tuple[tuple[Nanoseconds, Annotated[int, Field(gt=0)]], ...],
    BeforeValidator(_pairs),
    PlainSerializer(_as_text),
]


class StoredExchange(Stored):
    """What of an exchange vcrpy has no place for."""

    started_at: datetime
    http_version: str | None = None
    marks: Annotated[Marks, BeforeValidator(_named), PlainSerializer(_as_names)] = Marks()
    """When each phase ended: nanoseconds since the request was issued."""
    chunks: Chunks = ()
    """When which part of the body arrived: nanoseconds since the request was issued, and bytes."""
    connection: Connection | None = None
    loop_lag_ms: Annotated[float, Field(ge=0)] = 0.0
    error: ProbeError | None = None


class StoredStatus(BaseModel):
    """As vcrpy has it."""

    code: Annotated[int, Field(ge=100, le=599)]


class StoredBody(BaseModel):
    """As vcrpy has it, once read: bytes."""

    string: bytes = b""


class StoredResponse(BaseModel):
    """As vcrpy has it, and ours."""

    status: StoredStatus | None = None
    """`None` in a failure before the response."""
    headers: dict[str, list[str]] = {}
    body: StoredBody = StoredBody()
    darkhost: StoredExchange


class StoredRequest(BaseModel):
    """As vcrpy has it."""

    method: str
    uri: str
    body: str | bytes | None = None
    headers: dict[str, list[str]] = {}


class StoredInteraction(BaseModel):
    """As vcrpy has it."""

    request: StoredRequest
    response: StoredResponse
