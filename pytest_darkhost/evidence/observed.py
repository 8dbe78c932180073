"""
What of the record of a call an observation of a live venue cannot be.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from operator import itemgetter
from typing import Any, TypeAlias

from pytest_darkhost import semconv
from pytest_darkhost.evidence.addresses import is_public_peer
from pytest_darkhost.evidence.remembered import remembered
from pytest_darkhost.moments import moment_of

Window: TypeAlias = tuple[datetime, datetime]
"""When the calls of a run can have been sent: from its opening to its closing."""
TOLERANCE = timedelta(seconds=300)
"""How far the clocks of a venue and of this machine may be apart."""
_BEHIND = -TOLERANCE
LONGEST = 300
"""Characters of what is told of a call: each test that read it tells it again."""
_SHOWN = 200
"""Characters of a value in it."""
_LONGEST_DATE = 100
"""Characters; reports have 60 at most."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IMF_FIXDATE = re.compile(
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9][0-9]) ({'|'.join(_MONTHS)}) ([1-9][0-9][0-9][0-9]) "
    "([0-9][0-9]):([0-9][0-9]):([0-9][0-9]) GMT"
)
"""What nearly every server writes (RFC 9110, section 5.6.7)."""
_PLAYED = frozenset({"replay", "composed"})
_TLS = ("1.2", "1.3")
"""Versions that Python's own settings take part in."""
_CONNECTION = itemgetter(
    *(semconv.NETWORK_PEER_ADDRESS, semconv.URL_FULL, semconv.TLS_PROTOCOL_VERSION, semconv.TLS_SERVER_HASH_SHA256),
    *("ca_source", "proxy"),
)
_BUILT_IN = ("certifi", "system")
"""Certificates that the HTTP library trusts by itself: httpx those of certifi, httpx2 the system's."""


def is_played(mode: Any) -> bool:
    """Return whether a mode says that an answer comes from a cassette."""
    return type(mode) is str and mode in _PLAYED


def was_answered(record: Mapping[str, Any]) -> bool:
    """Return whether a call was sent, or played, and the venue's status is known."""
    return record.get("mode") is not None and record.get(semconv.HTTP_RESPONSE_STATUS_CODE) is not None


def word(value: Any) -> str:
    """Return a text as it is, and anything else as Python writes it; of what is long, its beginning."""
    return value[:_SHOWN] if isinstance(value, str) else repr(value)[:_SHOWN]


def faults_of_connection(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield pairs of a code and what was found of the connection of a live call."""
    peer, url = record.get(semconv.NETWORK_PEER_ADDRESS), record.get(semconv.URL_FULL)
    if not isinstance(peer, str) or not peer:
        yield "mocked", "live, and no peer is known"
    elif not is_public_peer(peer):
        yield "private_address", peer
    if not str(url).lower().startswith("https://"):
        yield "http", str(url)
    if record.get("tls_verified") is not True or record.get(semconv.TLS_PROTOCOL_VERSION) not in _TLS:
        yield "tls", "no verified TLS connection"
    elif record.get("ca_source") not in _BUILT_IN:
        yield "custom_ca", f"trusted by {word(record.get('ca_source'))}, expected certifi or the system's own"
    if record.get("proxy") is not None:
        yield "proxy", word(record.get("proxy"))


def connection_of(record: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """
    Return what is looked at of a connection, if TLS was verified: calls of which it is equal are at fault alike.

    Whether it was is no part: `True` equals 1, which is no truth value. `None` where something is missing.
    """
    try:
        found: tuple[Any, ...] = _CONNECTION(record)
        return found if record["tls_verified"] is True else None
    except KeyError:
        return None


def faults_of_times(record: Mapping[str, Any], window: Window) -> list[tuple[str, str]]:
    """Return pairs of a code and what was found of when a live call was sent and answered."""
    said = record.get("started_at")
    started, date = _moment(said), _date(record.get("response_date"))
    if started is None:
        return [("stale_date", "the report does not say when it was sent")]
    found = []
    if started - window[0] < _BEHIND or started - window[1] > TOLERANCE:
        found.append(("stale_date", f"sent at {word(said)}, outside of the run"))
    if date is None:
        found.append(("stale_date", "the venue's answer has no Date"))
    elif not _BEHIND <= date - started <= TOLERANCE:
        found.append(("stale_date", f"sent at {word(said)}, the venue says {word(record['response_date'])}"))
    return found


def _moment(value: Any) -> datetime | None:
    try:
        return moment_of(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _date(value: Any) -> datetime | None:
    return _http_date(value) if isinstance(value, str) and len(value) <= _LONGEST_DATE else None


@remembered
def _http_date(text: str) -> datetime | None:
    try:
        if usual := _IMF_FIXDATE.fullmatch(text):
            day, month, year, hour, minute, second = usual.groups()
            date = int(year), _MONTHS.index(month) + 1, int(day)
            return datetime(*date, int(hour), int(minute), int(second), tzinfo=UTC)
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
