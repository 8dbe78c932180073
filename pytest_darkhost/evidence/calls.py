"""
A call as the report has it, judged once, however many tests read it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from pytest_darkhost import semconv
from pytest_darkhost.evidence.addresses import host_of
from pytest_darkhost.evidence.observed import (
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
_CHAT = "chat"
_SHA256 = re.compile("[0-9a-f]{64}")


class Call(NamedTuple):
    """One call that a test read. A tuple, as `Item` is."""

    name: str
    """Of its probe."""
    sent: bool
    played: bool
    """Whether its answer is said to come from a cassette."""
    answered: bool
    identity: str | None
    """What makes its answer this one and no other."""
    found: Faults
    """What is wrong with it in any test that passed."""

    def faults(self, *, passed: bool) -> Faults:
        """Return what is wrong with it in a test that passed or not: a dead venue gives no address, no certificate."""
        return self.found if passed or self.answered or self.played else ()


class Calls:
    """The calls of one run."""

    def __init__(self, window: Window, hosts: frozenset[str | None] | None) -> None:
        self._window = window
        self._hosts = hosts
        """Of the venues; `None` where their specs are at fault, which is said once."""
        self._known: dict[str, tuple[Mapping[str, Any], Call]] = {}
        """By the name of the probe."""
        self._met: dict[int, Call] = {}
        """By the identity of the record, of which one may stand in many tests."""
        self._kept: list[Mapping[str, Any]] = []
        """Those records: what is gone could lend its identity to another."""
        self._sound: set[tuple[Any, ...]] = set()
        """Connections in which nothing was wrong: most calls of a run have the same few."""

    def read(self, records: Iterable[Mapping[str, Any]]) -> tuple[Call, ...]:
        """Return what some records say."""
        met = self._met
        return tuple([met.get(id(record)) or self._read(record) for record in records])

    def each(self) -> Iterable[Call]:
        """Return all that were read, in the order in which they were first. One may be there more than once."""
        return self._met.values()

    def _read(self, record: Mapping[str, Any]) -> Call:
        name = word(record.get("probe"))
        known = self._known.get(name)
        if known is None or known[0] != record:
            known = self._known[name] = record, self._judged(name, record)
        self._kept.append(record)
        self._met[id(record)] = known[1]
        return known[1]

    def _judged(self, name: str, record: Mapping[str, Any]) -> Call:
        mode = record.get("mode")
        played, answered, identity = is_played(mode), was_answered(record), _identity(record)
        faults: list[tuple[str, str]] = []
        if mode == "live":
            faults = self._faults_of_live(record, identity, answered=answered)
        elif mode is not None:
            faults = [("replayed" if played else "mocked", f"mode {word(mode)}")]
        told = tuple([(code, f"{name}: {what}") for code, what in faults]) if faults else ()
        return Call(name, mode is not None, played, answered, identity, told)

    def _faults_of_live(
        self, record: Mapping[str, Any], identity: str | None, *, answered: bool
    ) -> list[tuple[str, str]]:
        found = self._faults_of_connection(record, answered=answered)
        found += faults_of_times(record, self._window)
        if identity is None and _is_chat(record):
            found.append(("foreign_id", "an answer with neither an id nor a digest"))
        return found

    def _faults_of_connection(self, record: Mapping[str, Any], *, answered: bool) -> list[tuple[str, str]]:
        connection = connection_of(record)
        try:
            if connection in self._sound:
                return []
        except TypeError:  # it holds what has no hash
            connection = None
        found = list(faults_of_connection(record))
        if answered:
            found += _elsewhere(record, self._hosts)
            if connection is not None and not found:
                self._sound.add(connection)
        return found


def _identity(record: Mapping[str, Any]) -> str | None:
    """Return the venue's id of a chat's answer; where it gave none, the digest of the answer."""
    given = record.get(semconv.GEN_AI_RESPONSE_ID)
    if isinstance(given, str) and given:
        return given
    digest = record.get("response_digest")
    sha256 = digest.get("sha256") if isinstance(digest, dict) else None
    if _is_chat(record) and isinstance(sha256, str) and _SHA256.fullmatch(sha256):
        return f"sha256:{sha256}"
    return None


def _is_chat(record: Mapping[str, Any]) -> bool:
    """Return whether a record is that of a chat which the venue answered as one."""
    return record.get(semconv.GEN_AI_OPERATION_NAME) == _CHAT and record.get(semconv.HTTP_RESPONSE_STATUS_CODE) == 200


def _elsewhere(record: Mapping[str, Any], hosts: frozenset[str | None] | None) -> Iterator[tuple[str, str]]:
    """Yield that an answer is that of a host which no spec of the run names: keys are sent to no other."""
    url = record.get(semconv.URL_FULL)
    if hosts is not None and host_of(str(url)) not in hosts:
        yield "mocked", f"{word(url)} is of no venue of this run"
