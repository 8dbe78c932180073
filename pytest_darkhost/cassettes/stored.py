"""
The shape of our own part of a cassette file, checked when one is read. The rest is vcrpy's.

Beside `interactions`, the file has a mapping `darkhost`: what it says of itself, and the exchanges that ended in a
failure of the transport, which vcrpy has no shape for. Each response has one of the same name: times and connection.
"""

from dataclasses import asdict, astuple
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from pytest_darkhost.observations import Clock, Connection, Marks, ProbeError

SCHEMA = 1
Nanoseconds = Annotated[int, Field(ge=0, lt=2**53)]
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))]


def _printable(text: str) -> str:
    """Return a text that is shown in messages and tables. Raises `ValueError` where a terminal would obey it."""
    if not text.isprintable():
        msg = "text with line breaks or control characters"
        raise ValueError(msg)
    return text


def _not_negative(marks: Marks) -> Marks:
    """Return times. Raises `ValueError` for one before the request."""
    if any((getattr(marks, name) or 0) < 0 for name in Marks.__dataclass_fields__):
        msg = "a time before the request was issued"
        raise ValueError(msg)
    return marks


def _shown_error(error: ProbeError) -> ProbeError:
    """Return an error whose texts may be shown. Raises `ValueError` for others."""
    for text in astuple(error):
        if isinstance(text, str):
            _printable(text)
    return error


Shown = Annotated[str, Field(max_length=2000), AfterValidator(_printable)]


class Stored(BaseModel):
    """Frozen, and without keys that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StoredLabel(Stored):
    """What a cassette says of itself."""

    schema_: Literal[1] = Field(alias="schema")
    origin: Literal["recorded", "composed"]
    venue: Shown
    model: Shown | None
    recorded_at: Moment
    run_id: Annotated[Shown, Field(min_length=8)]
    version: Shown
    base_url: Shown
    key_header: Shown
    spec_sha256: Shown
    failures: list[dict[str, Any]] = []
    """Shaped like `interactions`, each with its place among them."""


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


def _in_order(pairs: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Return chunks. Raises `ValueError` for one that arrived before its predecessor."""
    if any(later[0] < earlier[0] for earlier, later in pairwise(pairs)):
        msg = "a chunk that arrived before the one in front of it"
        raise ValueError(msg)
    return pairs


Chunks = Annotated[
    tuple[tuple[Nanoseconds, Annotated[int, Field(gt=0)]], ...],
    BeforeValidator(_pairs),
    AfterValidator(_in_order),
    PlainSerializer(_as_text),
]


class StoredExchange(Stored):
    """What of an exchange vcrpy has no place for."""

    started_at: Moment
    http_version: str | None = None
    marks: Annotated[Marks, BeforeValidator(_named), AfterValidator(_not_negative), PlainSerializer(_as_names)] = (
        Marks()
    )
    """When each phase ended: nanoseconds since the request was issued."""
    chunks: Chunks = ()
    """When which part of the body arrived: nanoseconds since the request was issued, and bytes."""
    connection: Connection | None = None
    loop_lag_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    clock: Clock | None = None
    """Who stamped what arrived; absent in composed cassettes, and in those of versions that did not say."""
    error: Annotated[ProbeError, AfterValidator(_shown_error)] | None = None


class StoredStatus(BaseModel):
    """As vcrpy has it."""

    code: Annotated[int, Field(ge=100, le=999)]


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


def _readable(url: str) -> str:
    """Return a URL. Raises `ValueError` for one whose parts cannot be told."""
    _ = urlsplit(url).port
    return url


class StoredRequest(BaseModel):
    """As vcrpy has it."""

    method: Shown
    uri: Annotated[str, AfterValidator(_readable)]
    body: str | bytes | None = None
    headers: dict[str, list[str]] = {}


class StoredInteraction(BaseModel):
    """As vcrpy has it."""

    request: StoredRequest
    response: StoredResponse


class StoredPlace(BaseModel):
    """Where a failure belongs."""

    after: Annotated[int, Field(ge=0)]
    """How many of the interactions had been sent before it."""
