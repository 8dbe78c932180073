"""
A call as the report has it, judged once, however many tests read it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple, TypeAlias

from pytest_darkhost import semconv
from pytest_darkhost.evidence import impossible
from pytest_darkhost.evidence.addresses import Origin, origin_of
from pytest_darkhost.evidence.observed import TOLERANCE, Window, faults_of, is_played, was_answered, word

Faults: TypeAlias = tuple[tuple[str, str], ...]
"""Pairs of a code of `unfit` and what was found."""
_SHA256 = re.compile("[0-9a-f]{64}")
_BY_DIGEST = "sha256:"


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
        self._met: dict[int, tuple[Mapping[str, Any], Call]] = {}
        """By the identity of the record, of which one may stand in many tests."""

    def read(self, records: Iterable[Mapping[str, Any]]) -> tuple[Call, ...]:
        """Return what some records say."""
        met = self._met
        return tuple([(met.get(id(record)) or self._read(record))[1] for record in records])

    def _read(self, record: Mapping[str, Any]) -> tuple[Mapping[str, Any], Call]:
        name = word(record.get("probe"))
        known = self._known.get(name)
        if known is None or known[0] != record:
            known = self._known[name] = record, self._judged(name, record)
        self._met[id(record)] = record, known[1]
        return known

    def _judged(self, name: str, record: Mapping[str, Any]) -> Call:
        mode = record.get("mode")
        answered = was_answered(record)
        is_chat = _is_chat(record)
        identities = _identities(record, is_chat=is_chat)
        faults = list(faults_of(record, self._window))
        if mode == "live" and answered:
            faults += _elsewhere(name, record, self._origins)
            faults += _untold(identities) if is_chat else ()
            faults += [(impossible.CODE, what) for what in impossible.faults_of_answer(name, record, self._longest_ms)]
        told = tuple([(code, f"{name}: {what}") for code, what in faults])
        return Call(name, name.rpartition("/")[0], mode is not None, is_played(mode), answered, identities, told)


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


def _elsewhere(name: str, record: Mapping[str, Any], origins: Mapping[str, Origin] | None) -> Iterator[tuple[str, str]]:
    """Yield that an answer is of another place than the spec of its venue names: keys are sent to no other."""
    url = record.get(semconv.URL_FULL)
    if origins is not None and origins.get(name.partition("/")[0]) != origin_of(str(url)):
        yield "mocked", f"{word(url)} is of no venue of this run"
