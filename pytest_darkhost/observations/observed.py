"""
What one probe saw, and all that was seen of a target: an exchange, and what a dialect read in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pytest_darkhost.observations.answers import Answer, Delta, StreamEnd, Usage
from pytest_darkhost.observations.errors import ProbeError
from pytest_darkhost.observations.exchanges import Exchange, Mode
from pytest_darkhost.probes import Probe


@dataclass(frozen=True, slots=True)
class Timeline:
    """Offsets in milliseconds since the request was issued; `None` where the phase did not happen."""

    dns_ms: float | None = None
    tcp_ms: float | None = None
    tls_ms: float | None = None
    request_sent_ms: float | None = None
    first_byte_ms: float | None = None
    first_token_ms: float | None = None
    """First event with generated text, reasoning or tool call; a bare role is none."""
    first_answer_token_ms: float | None = None
    """First event with text or tool call; reasoning is none."""
    last_token_ms: float | None = None
    end_ms: float | None = None

    @property
    def connected_ms(self) -> float:
        """When the connection was ready: 0 on one that was open already."""
        return max((mark for mark in (self.dns_ms, self.tcp_ms, self.tls_ms) if mark is not None), default=0.0)

    @property
    def asked_ms(self) -> float:
        """When the request was on its way: what our own client did before that is not the venue's time."""
        return max(self.connected_ms, self.request_sent_ms or 0.0)

    @property
    def took_ms(self) -> float | None:
        """The set-up of the connection, and from the request on its way to the end."""
        return None if self.end_ms is None else self.connected_ms + max(0.0, self.end_ms - self.asked_ms)

    @property
    def ttft_ms(self) -> float | None:
        """From the request on its way to the first token of any kind. A token that came before counts as at once."""
        return None if self.first_token_ms is None else max(0.0, self.first_token_ms - self.asked_ms)

    @property
    def first_answer_ms(self) -> float | None:
        """The same to the first token of the answer."""
        return None if self.first_answer_token_ms is None else max(0.0, self.first_answer_token_ms - self.asked_ms)


@dataclass(frozen=True, slots=True)
class Observation:
    """What one probe saw."""

    probe: Probe
    exchange: Exchange | None
    """`None` when nothing was sent."""
    error: ProbeError | None = None
    answer: Answer | None = None
    usage: Usage | None = None
    """The last usage that was reported."""
    usages: tuple[Usage, ...] = ()
    """All usages of a stream, in order."""
    listed_models: tuple[str, ...] | None = None
    stream_end: StreamEnd | None = None
    """`None` for what was not a stream."""
    deltas: tuple[Delta, ...] = ()
    faults: tuple[str, ...] = ()
    """Departures from the dialect's documented shape, each `<JSON path>: <what is>, <what was expected>`."""
    timeline: Timeline = Timeline()
    cost_usd: Decimal = Decimal(0)
    """What the call cost at the spec's prices; the worst case where the venue did not say."""
    rate_limit_wait_s: float = 0.0
    """How long we waited before this request, because the venue had asked for it. Part of no time."""
    adapter_problem: str | None = None
    """What the team's adapter made of an answer that the wire saw."""

    @property
    def mode(self) -> Mode:
        """How the observation came about."""
        return Mode.UNSEEN if self.exchange is None else self.exchange.mode


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteLabel:
    """What a cassette says of itself."""

    name: str
    """The file, relative to the root directory where it lies below it."""
    sha256: str
    """Digest of the file's bytes, in hexadecimal."""
    composed: bool
    """Whether it was composed, and so proves nothing about a venue."""
    venue: str
    model: str | None
    """Catalog slug; `None` for the cassette of the venue itself."""
    recorded_at: datetime
    """UTC."""
    run_id: str
    """The run that recorded it."""
    version: str
    """That of the package which wrote it."""
    base_url: str
    """As the spec said then, with `{port}` for a managed venue's port."""
    key_header: str
    """Where the key went: the header's name and what stands before the key, such as `authorization: Bearer`."""
    spec_sha256: str
    """Digest of the spec then."""
    unplayed: tuple[str, ...] = ()
    """The requests that it holds and no probe asked for, in words. Known once its target was replayed."""


@dataclass(frozen=True, slots=True)
class Observations:
    """All that was seen of a target and of its venue, by probe name, in the order sent."""

    by_probe: Mapping[str, tuple[Observation, ...]]
    cassette: CassetteLabel | None = None
    """`None` for what was not replayed."""

    def __getitem__(self, name: str) -> tuple[Observation, ...]:
        """Return the observations of one probe name; empty when none was planned."""
        return self.by_probe.get(name, ())

    def __iter__(self) -> Iterator[Observation]:
        return (observation for group in self.by_probe.values() for observation in group)

    def __len__(self) -> int:
        return sum(len(group) for group in self.by_probe.values())
