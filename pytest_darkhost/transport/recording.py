"""
One request and its response while they pass; becomes a frozen `Exchange` at the end.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from urllib.parse import urlsplit

from pytest_darkhost.observations import Chunk, Clock, Connection, ErrorKind, Exchange, Mode, Phase, ProbeError
from pytest_darkhost.plain_text import one_line
from pytest_darkhost.secrets import Credential, Redactor
from pytest_darkhost.transport.cleaning import (
    RawHeaders,
    account_values,
    kept_headers,
    place_of,
    without_query,
    without_user,
)
from pytest_darkhost.transport.decoding import Decoder, DecodingError, Identity, decoder_for
from pytest_darkhost.transport.failures import BodyTooLargeError, Situation, probe_error
from pytest_darkhost.transport.recorder import ConnectionFacts, Recorder

_LONGEST_LOCATION = 300
MOST_OF_THE_ACCOUNT = 16_384
"""Characters; four times what a browser keeps of one cookie (RFC 6265, 6.1). All parts of them are looked for."""
MOST_PIECES = 100_000
"""Five times the events that are read of a stream. Each piece is kept with its time, so that its cost in memory is not
that of its bytes."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a request goes out."""

    proxy: str | None
    ca_source: str
    limits_ms: Mapping[Phase, float]
    total_ms: float
    body_bytes: int


@dataclass(slots=True)
class Recording:
    """Written while the request runs; `exchange` reads it."""

    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: bytes
    way: Way
    redactor: Redactor
    recorder: Recorder = field(default_factory=Recorder)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    http_version: str | None = None
    facts: ConnectionFacts | None = None
    error: ProbeError | None = None
    on_end: Callable[[], None] = lambda: None
    _chunks: list[Chunk] = field(default_factory=list)
    _decoder: Decoder = field(default_factory=Identity)
    _size: int = 0
    _wire_size: int = 0
    _account: tuple[Credential, ...] = ()

    def call_at_end(self, call: Callable[[], None]) -> None:
        """Have a function called when the answer has ended or failed."""
        self.on_end = call

    def answered(self, status: int, headers: RawHeaders, http_version: bytes, facts: ConnectionFacts | None) -> None:
        """Take the head of the response."""
        self.status, self.facts = status, facts
        self.headers = tuple(kept_headers(headers))
        self._take_account(tuple(account_values(headers)))
        self.http_version = http_version.decode("latin-1").removeprefix("HTTP/")
        self.error = self.error or self._refusal(status)
        encodings = [value for name, value in self.headers if name == "content-encoding"]
        try:
            self._decoder = decoder_for(", ".join(encodings))
        except DecodingError as fault:
            self.failed(fault)

    def took(self, data: bytes) -> None:
        """
        Take a piece of the body with the arrival time of the bytes that it came from.

        :raises BodyTooLargeError: when there is more than the ceiling, or in too many pieces; what fits is kept.
        :raises DecodingError: when it does not decode.
        """
        self._wire_size += len(data)
        room = self.way.body_bytes - self._size
        piece = self._decoder.decode(data, room)
        kept = piece[:room]
        if kept:
            self._chunks.append(Chunk(self._arrived_ns(), kept))
            self._size += len(kept)
        if len(piece) > room or self._wire_size > self.way.body_bytes:
            msg = f"the body has more than {self.way.body_bytes} bytes, expected at most that (ceilings.body_bytes)"
            raise BodyTooLargeError(msg)
        if len(self._chunks) > MOST_PIECES:
            msg = f"the body came in more than {MOST_PIECES} pieces, expected at most that"
            raise BodyTooLargeError(msg)

    def ended(self) -> None:
        """
        Take the end of the body.

        :raises EOFError: when compressed data ends early.
        """
        self.recorder.end_ns = self.recorder.last_read_ns or time.perf_counter_ns()
        self.on_end()
        self._decoder.finish()

    def failed(self, fault: Exception) -> ProbeError:
        """Take what went wrong, and return it; the first error of a request stands."""
        self.recorder.end_ns = time.perf_counter_ns()
        self.on_end()
        found = probe_error(fault, self._situation())
        error = ProbeError(found.kind, self.redactor.clean(found.message), found.phase, self.status)
        self.error = self.error or error
        return error

    def exchange(self, loop_lag_ms: float) -> Exchange:
        """Return what was seen, without keys."""
        self._know_account()
        clean = self.redactor.clean
        return Exchange(
            method=self.method,
            url=self.shown_url(),
            request_body=self.redactor.clean_bytes(self.request_body),
            started_at=self.started_at,
            mode=self._mode(),
            request_headers=clean(self.request_headers),
            status=self.status,
            headers=tuple((clean(name), clean(value)) for name, value in self.headers),
            http_version=self.http_version,
            chunks=self._clean_chunks(),
            marks=self.recorder.marks(),
            connection=self._connection(),
            loop_lag_ms=loop_lag_ms,
            error=self.error,
            clock=Clock.KERNEL if self.recorder.clocks == {Clock.KERNEL} else Clock.USER,
        )

    def _take_account(self, values: tuple[str, ...]) -> None:
        """Keep what headers tell of the account, to be removed from the body, which may repeat it."""
        if sum(map(len, values)) <= MOST_OF_THE_ACCOUNT:
            self._account = tuple(map(Credential, values))
            return
        told = f"cookies and ids of the account of more than {MOST_OF_THE_ACCOUNT} characters"
        self.failed(BodyTooLargeError(f"the headers have {told}, expected at most that"))

    def _know_account(self) -> None:
        """Have it removed from here on. That takes time, which is none of an answer's before the answer has ended."""
        self.redactor, self._account = self.redactor.also(*self._account), ()

    def shown_url(self) -> str:
        """Return the URL without user information and keys."""
        return self.redactor.clean(without_user(self.url))

    def _arrived_ns(self) -> int:
        at_ns = self.recorder.last_read_ns
        return self.recorder.since_start(time.perf_counter_ns() if at_ns is None else at_ns)

    def _refusal(self, status: int) -> ProbeError | None:
        """Return the error that a status alone is: a redirect, which is not followed, or a proxy that wants a login."""
        if 300 <= status < 400:
            self._know_account()
            target = next((value for name, value in self.headers if name == "location"), None)
            location = None if target is None else self._shown_location(target)
            message = f"{place_of(self.url)}: a redirect to {location or 'nowhere'}, expected an answer from this URL"
            return ProbeError(ErrorKind.REDIRECTED, message, Phase.FIRST_BYTE, status, location=location)
        if status == 407:
            message = f"{place_of(self.url)}: the proxy wants a login (407), expected a way to the venue"
            return ProbeError(ErrorKind.PROXY, message, Phase.FIRST_BYTE, status)
        return None

    def _shown_location(self, target: str) -> str:
        return one_line(self.redactor.clean(without_query(target)), _LONGEST_LOCATION)

    def _mode(self) -> Mode:
        """Live is what the trace says: an answer over a socket, or an attempt that failed."""
        tried = self.status is None and bool(self.recorder.events)
        return Mode.LIVE if self.recorder.answered or tried else Mode.UNSEEN

    def _clean_chunks(self) -> tuple[Chunk, ...]:
        """Return the chunks with keys overwritten, also where one lies across a boundary."""
        seen = b"".join(chunk.data for chunk in self._chunks)
        body = self.redactor.clean_bytes(seen)
        if body == seen:
            return tuple(self._chunks)
        ends = accumulate(len(chunk.data) for chunk in self._chunks)
        return tuple(
            Chunk(chunk.at_ns, body[end - len(chunk.data) : end]) for chunk, end in zip(self._chunks, ends, strict=True)
        )

    def _connection(self) -> Connection | None:
        facts = self.facts or self.recorder.facts
        if facts is None:
            return None
        return Connection(
            fresh=self.recorder.facts is not None,
            peer_address=facts.peer_address,
            tls_version=facts.tls_version,
            tls_certificate_sha256=facts.tls_certificate_sha256,
            tls_verified=facts.tls_verified,
            proxy=self.way.proxy,
            ca_source=self.way.ca_source if urlsplit(self.url).scheme == "https" else None,
        )

    def _situation(self) -> Situation:
        blocked = self.way.proxy if self._held_by_proxy() else None
        way, recorder = self.way, self.recorder
        place, reused = place_of(self.url), recorder.facts is None
        return Situation(place, recorder.phase, recorder.ended, reused, blocked, way.limits_ms, way.total_ms)

    def _held_by_proxy(self) -> bool:
        """Return whether a proxy is in use and had not let this request through."""
        events = self.recorder.events
        if self.way.proxy is None or not any(event.endswith("connect_tcp.started") for event in events):
            return False
        tunnelled = urlsplit(self.url).scheme == "https" and not self.way.proxy.startswith("socks5")
        through = {"proxy.start_tls.started"} if tunnelled else {"connection.connect_tcp.complete"}
        if self.way.proxy.startswith("socks5"):
            through = {"socks.setup_socks5_connection.complete"}
        return not events & through
