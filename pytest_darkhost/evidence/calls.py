"""
A call as the report has it, judged once, however many tests read it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple, TypeAlias

from pytest_darkhost import semconv
from pytest_darkhost.evidence import impossible
from pytest_darkhost.evidence.addresses import Origin, origin_of
from pytest_darkhost.evidence.observed import (
    LONGEST,
    TOLERANCE,
    Window,
    connection_of,
    faults_of_connection,
    faults_of_times,
    is_played,
    was_answered,
    word,
)

Faults: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of a code of `unfit` and what was found."""
_SHA256 = re.compile("[0-9a-f]{64}")
_BY_DIGEST = "sha256:"
_TOLD = 2
"""Identities of a chat's answer, mostly."""


class Call(NamedTuple):
    """One call that a test read. A tuple, as `Item` is."""

    name: str
    """Of its probe."""
    owner: str
    """The target, or the venue, that its name says it was sent to."""
    sent: bool
    played: bool
    """Whether its answer is said to come from a cassette."""
    answered: bool
    identities: tuple[str, ...]
    """What makes its answer this one and no other: the venue's id of it, and the digest of its bytes."""
    found: Faults
    """What is wrong with it in any test that passed."""

    @property
    def was_sent(self) -> bool:
        """Whether it is said to have gone to a venue."""
        return self.sent and not self.played

    def faults(self, *, passed: bool) -> Faults:
        """Return what is wrong with it in a test that passed or not: a dead venue gives no address, no certificate."""
        return self.found if passed or self.answered or self.played else ()


class Calls:
    """The calls of one run."""

    def __init__(self, window: Window, origins: Mapping[str, Origin] | None) -> None:
        self._window = window
        self._longest_ms = (window[1] - window[0] + 2 * TOLERANCE) / timedelta(milliseconds=1)
        self._origins = origins
        """Of the venues, by name; `None` where their specs are at fault, which is said once."""
        self._known: dict[str, tuple[Mapping[str, Any], Call]] = {}
        """By the name of the probe."""
        self._met: dict[int, Call] = {}
        """By the identity of the record, of which one may stand in many tests."""
        self._kept: list[Mapping[str, Any]] = []
        """Those records: what is gone could lend its identity to another."""
        self.twice: dict[str, None] = {}
        """Names under which two calls were sent that are not the same."""
        self._sound: set[tuple[str, tuple[Any, ...]]] = set()
        """Connections to venues in which nothing was wrong: most calls of a run have the same few."""

    def read(self, records: Iterable[Mapping[str, Any]]) -> tuple[Call, ...]:
        """Return what some records say."""
        met = self._met
        return tuple([met.get(id(record)) or self._read(record) for record in records])

    def each(self) -> Collection[Call]:
        """Return all that were read, in the order in which they were first. One may be there more than once."""
        return self._met.values()

    def _read(self, record: Mapping[str, Any]) -> Call:
        said = record.get("probe")
        name = said if isinstance(said, str) else repr(said)
        known = self._known.get(name)
        if known is None or known[0] != record:
            call = self._judged(name, record)
            if known is not None and known[1].was_sent and call.was_sent:
                self.twice[name] = None
            known = self._known[name] = record, call
        self._kept.append(record)
        self._met[id(record)] = known[1]
        return known[1]

    def _judged(self, name: str, record: Mapping[str, Any]) -> Call:
        mode = record.get("mode")
        played, answered, is_chat = is_played(mode), was_answered(record), _is_chat(record)
        identities = _identities(record, is_chat=is_chat)
        faults: list[tuple[str, str]] = []
        if mode == "live":
            faults = self._faults_of_connection(name, record, answered=answered)
            faults += faults_of_times(record, self._window)
            faults += self._faults_of_answer(name, record, identities, is_chat=is_chat) if answered else ()
        elif mode is not None:
            faults = [("replayed" if played else "mocked", f"mode {word(mode)}")]
        told = tuple([(code, f"{name:.{LONGEST}}: {what:.{LONGEST}}") for code, what in faults]) if faults else ()
        return Call(name, name.rpartition("/")[0], mode is not None, played, answered, identities, told)

    def _faults_of_answer(
        self, name: str, record: Mapping[str, Any], identities: tuple[str, ...], *, is_chat: bool
    ) -> list[tuple[str, str]]:
        found = list(_untold(identities)) if is_chat and len(identities) < _TOLD else []
        if faults := impossible.faults_of_answer(name, record, self._longest_ms):
            found += [(impossible.CODE, what) for what in faults]
        return found

    def _faults_of_connection(self, name: str, record: Mapping[str, Any], *, answered: bool) -> list[tuple[str, str]]:
        venue, connection = name.partition("/")[0], connection_of(record)
        try:
            if (venue, connection) in self._sound:
                return []
        except TypeError:  # it holds what has no hash
            connection = None
        found = list(faults_of_connection(record))
        if answered:
            found += _elsewhere(venue, record, self._origins)
            found += [(impossible.CODE, what) for what in impossible.faults_of_connection(record)]
            if connection is not None and not found:
                self._sound.add((venue, connection))
        return found


def _identities(record: Mapping[str, Any], *, is_chat: bool) -> tuple[str, ...]:
    """Return the venue's id of an answer, and the digest of a chat's: bytes that came twice are one answer."""
    given = record.get(semconv.GEN_AI_RESPONSE_ID)
    ids = (given,) if isinstance(given, str) and given else ()
    digest = record.get("response_digest") if is_chat else None
    sha256 = digest.get("sha256") if isinstance(digest, dict) else None
    return (*ids, f"{_BY_DIGEST}{sha256}") if isinstance(sha256, str) and _SHA256.fullmatch(sha256) else ids


def _is_chat(record: Mapping[str, Any]) -> bool:
    """Return whether a record is that of a chat which the venue answered as one."""
    status = record.get(semconv.HTTP_RESPONSE_STATUS_CODE)
    return record.get(semconv.GEN_AI_OPERATION_NAME) == impossible.CHAT and type(status) is int and 200 <= status < 300


def _untold(identities: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield that nothing tells a chat's answer from that of another call, or less than there must be."""
    if not identities:
        yield "foreign_id", "an answer with neither an id nor a digest"
    elif not identities[-1].startswith(_BY_DIGEST):
        yield impossible.CODE, "an answer without the digest of its bytes"


def _elsewhere(
    venue: str, record: Mapping[str, Any], origins: Mapping[str, Origin] | None
) -> Iterator[tuple[str, str]]:
    """Yield that an answer is of another place than the spec of its venue names: keys are sent to no other."""
    url = record.get(semconv.URL_FULL)
    origin = origin_of(str(url))
    if origins is not None and (origin[0] is None or origins.get(venue) != origin):
        yield "mocked", f"{word(url)} is of no venue of this run"
