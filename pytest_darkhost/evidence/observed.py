"""
What a test saw of the venue, and what of it an observation of a live venue cannot be.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from pytest_darkhost import semconv
from pytest_darkhost.evidence.outcomes import darkhost_of

TOLERANCE_S = 300
"""How far the clocks of a venue and of this machine may be apart."""
_TOLERANCE = timedelta(seconds=TOLERANCE_S)
_REMEMBERED = 256
"""Texts whose meaning is kept: a call is in the record of each test that read it."""
Faults: TypeAlias = tuple[tuple[str, str], ...]
_PLAYED = frozenset({"replay", "composed"})
_BUILT_IN = ("certifi", "system")
"""Certificates that the HTTP library trusts by itself: httpx those of certifi, httpx2 the system's."""


def probes_of(test: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the probe records of a test; none where the report has none."""
    found = darkhost_of(test).get("probes")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


class Calls:
    """Judges each call once, however many tests read it."""

    def __init__(self, window: tuple[datetime, datetime], hosts: frozenset[str | None] | None) -> None:
        self._window = window
        self._hosts = hosts
        self._known: dict[tuple[str, bool], tuple[Mapping[str, Any], Faults]] = {}

    def faults(self, probe: Mapping[str, Any], *, passed: bool) -> Faults:
        """Return pairs of a code and what was found."""
        key = _word(probe.get("probe")), passed
        known = self._known.get(key)
        if known is None or known[0] != probe:
            faults = (*_faults_of_probe(probe, self._window, passed=passed), *self._elsewhere(probe))
            known = self._known[key] = probe, tuple((code, f"{key[0]}: {what}") for code, what in faults)
        return known[1]

    def _elsewhere(self, probe: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield that an answer is that of a host which no spec of the run names: keys are sent to no other."""
        if self._hosts is None or probe.get("mode") != "live" or not was_answered(probe):
            return
        if host_of(str(probe.get(semconv.URL_FULL))) not in self._hosts:
            yield "mocked", f"{_word(probe.get(semconv.URL_FULL))} is of no venue of this run"


def host_of(url: str) -> str | None:
    """Return the host of a URL, in lower case; `None` for what is none."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def is_played(probe: Mapping[str, Any]) -> bool:
    """Return whether a probe's answer is said to come from a cassette."""
    return _word(probe.get("mode")) in _PLAYED


def was_answered(probe: Mapping[str, Any]) -> bool:
    """Return whether anything is known of the venue by a probe."""
    return probe.get("mode") is not None and probe.get(semconv.HTTP_RESPONSE_STATUS_CODE) is not None


def faults_of_test(test: Mapping[str, Any], calls: Calls, *, passed: bool, observed: bool) -> Iterator[tuple[str, str]]:
    """
    Yield pairs of a code and what was found.

    `observed` says whether any test of the same target has an answer: a check that needs no call stands on theirs.
    """
    data, probes = darkhost_of(test), probes_of(test)
    if data.get("cassette") is not None or _word(data.get("mode")) in _PLAYED:
        yield "replayed", "its answers come from a cassette"
    if passed and (data.get("source") != "live" or not (probes or observed)):
        yield "mocked", "passed, and no live observation is in the report"
    if passed and probes and not any(map(was_answered, probes)):
        sent = any(probe.get("mode") is not None for probe in probes)
        yield "mocked", f"passed, and nothing was {'answered' if sent else 'sent'}"
    for probe in probes:
        yield from calls.faults(probe, passed=passed)


def _faults_of_probe(
    probe: Mapping[str, Any], window: tuple[datetime, datetime], *, passed: bool
) -> Iterator[tuple[str, str]]:
    mode = probe.get("mode")
    if is_played(probe):
        yield "replayed", f"mode {_word(mode)}"
        return
    if mode is None:
        return
    answered = probe.get(semconv.HTTP_RESPONSE_STATUS_CODE) is not None
    if mode != "live" and (answered or passed):
        yield "mocked", f"mode {_word(mode)}"
        return
    if not answered and not passed:
        return  # a dead venue has neither an address nor a certificate
    yield from _of_connection(probe)
    yield from _of_times(probe, window)


def _of_connection(probe: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    peer = probe.get(semconv.NETWORK_PEER_ADDRESS)
    if not isinstance(peer, str) or not peer:
        yield "mocked", "live, and no peer is known"
    elif not _is_public(peer):
        yield "private_address", peer
    if not str(probe.get(semconv.URL_FULL)).lower().startswith("https://"):
        yield "http", str(probe.get(semconv.URL_FULL))
    if probe.get("tls_verified") is not True or not probe.get(semconv.TLS_PROTOCOL_VERSION):
        yield "tls", "no verified TLS connection"
    elif probe.get("ca_source") not in _BUILT_IN:
        yield "custom_ca", f"trusted by {_word(probe.get('ca_source'))}, expected certifi or the system's own"
    if probe.get("proxy") is not None:
        yield "proxy", _word(probe.get("proxy"))


def _of_times(probe: Mapping[str, Any], window: tuple[datetime, datetime]) -> Iterator[tuple[str, str]]:
    started, date = _moment(probe.get("started_at")), _date(probe.get("response_date"))
    if started is None:
        yield "stale_date", "the report does not say when it was sent"
        return
    if started - window[0] < -_TOLERANCE or started - window[1] > _TOLERANCE:
        yield "stale_date", f"sent at {_word(probe.get('started_at'))}, outside of the run"
    if date is None:
        yield "stale_date", "the venue's answer has no Date"
    elif abs(date - started) > _TOLERANCE:
        yield "stale_date", f"sent at {_word(probe.get('started_at'))}, the venue says {_word(probe['response_date'])}"


@lru_cache(_REMEMBERED)
def _is_public(peer: str) -> bool:
    """Return whether `address:port` or `[address]:port` is globally routable."""
    host = peer.rpartition(":")[0].strip("[]") if peer.count(":") == 1 or peer.startswith("[") else peer
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return False


def _moment(value: Any) -> datetime | None:
    return _iso_date(value) if isinstance(value, str) else None


@lru_cache(_REMEMBERED)
def _iso_date(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _date(value: Any) -> datetime | None:
    return _http_date(value) if isinstance(value, str) else None


@lru_cache(_REMEMBERED)
def _http_date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
