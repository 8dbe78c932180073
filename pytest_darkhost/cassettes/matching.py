"""
Whether a request is one that a cassette holds, and what differs where it is not. Pure.

Compared are the method, the URL, the headers that spec and dialect ask for, and the canonical JSON of the body
(RFC 8785) with the run's id masked, because each prompt carries it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, zip_longest
from typing import Any

import rfc8785

from pytest_darkhost.plain_text import one_line

_RUN = "{run}"
_SHOWN = 3
_MANY = 1000
_LONGEST = 70
_ABSENT = object()


@dataclass(frozen=True)
class Asked:
    """A request as it is compared."""

    method: str
    url: str
    """With `{port}` for the port of a managed venue."""
    headers: tuple[tuple[str, str], ...]
    body: bytes
    run_id: str
    """Masked in the body."""

    @cached_property
    def exact(self) -> tuple[Any, ...]:
        """All that is compared, with the body as it is."""
        return self.method, self.url, tuple(sorted(self.headers)), self._masked

    @cached_property
    def _masked(self) -> bytes:
        return self.body.replace(self.run_id.encode(), _RUN.encode())

    @cached_property
    def value(self) -> Any:
        """The JSON value of the body, its text where it is none, `None` where it is empty."""
        return self._parsed[0]

    @cached_property
    def canonical(self) -> bytes:
        """The body in the one form in which it is compared."""
        value, is_json = self._parsed
        try:
            return b"json " + _canonical(value) if is_json else b"text " + self._masked
        except RecursionError:
            return b"text " + self._masked

    @cached_property
    def _parsed(self) -> tuple[Any, bool]:
        try:
            return json.loads(self._masked.decode(), object_pairs_hook=_unambiguous), True
        except (ValueError, RecursionError):
            # No JSON, or none that RFC 8259 can tell the meaning of: its own bytes are compared.
            return self._masked.decode("utf-8", "replace") or None, False

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that is compared, in hexadecimal."""
        parts = (self.method, self.url, *(f"{name}: {value}" for name, value in sorted(self.headers)))
        encoded = (part.encode("utf-8", "surrogatepass") for part in parts)
        return hashlib.sha256(b"\0".join((*encoded, self.canonical))).hexdigest()

    @property
    def shown(self) -> str:
        """Method and URL."""
        return one_line(f"{self.method} {self.url}")


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON. Raises `ValueError` for a name that stands twice: which one counts, nobody knows."""
    value = dict(pairs)
    if len(value) != len(pairs):
        msg = "a name twice"
        raise ValueError(msg)
    return value


def _canonical(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError):
        # Integers above 2**53 and the like have no canonical form; their own text is compared.
        return json.dumps(value, sort_keys=True).encode()


def nearest(asked: Asked, recorded: Iterable[Asked]) -> Asked | None:
    """Return the recorded request that differs least, or `None` where there is none."""
    return min(recorded, key=lambda other: _distance(asked, other), default=None)


def _distance(asked: Asked, other: Asked) -> tuple[int, int]:
    """Return how many parts differ, then how much of the bodies."""
    mine, theirs = asked.canonical, other.canonical
    alike = _same_length(mine, theirs) + _same_length(mine[::-1], theirs[::-1])
    return len(_first(_MANY, asked, other)), max(len(mine), len(theirs)) - alike


def _same_length(mine: Sequence[Any], theirs: Sequence[Any]) -> int:
    """Return the length of the common beginning. By halves, because bodies are long."""
    low, high = 0, min(len(mine), len(theirs))
    while low < high:
        middle = (low + high + 1) // 2
        if mine[low:middle] == theirs[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def difference(asked: Asked, recorded: Asked) -> str:
    """Return in a few words what differs: `messages[0].content: 'new prompt', recorded 'old prompt'`."""
    found = _first(_SHOWN + 1, asked, recorded)
    more = "; …" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more


def _first(most: int, asked: Asked, recorded: Asked) -> list[str]:
    try:
        return list(islice(differences(asked, recorded), most))
    except RecursionError:
        return ["body: another, nested too deeply to tell how"]


def differences(asked: Asked, recorded: Asked) -> Iterator[str]:
    """Yield each part that differs."""
    if asked.method != recorded.method:
        yield f"method: {one_line(asked.method, _LONGEST)}, recorded {one_line(recorded.method, _LONGEST)}"
    if asked.url != recorded.url:
        yield f"URL: {one_line(asked.url)}, recorded {one_line(recorded.url)}"
    mine, theirs = dict(asked.headers), dict(recorded.headers)
    yield from _members(mine, theirs, "header ", "")
    found = list(_values(asked.value, recorded.value, ""))
    if not found and asked.canonical != recorded.canonical:
        found = ["body: bytes that look like the recorded ones, but are others"]
    yield from found


def _values(mine: Any, theirs: Any, path: str) -> Iterator[str]:
    if isinstance(mine, dict) and isinstance(theirs, dict):
        yield from _members(mine, theirs, path, ".")
    elif isinstance(mine, list) and isinstance(theirs, list):
        for index, (one, other) in enumerate(zip_longest(mine, theirs, fillvalue=_ABSENT)):
            yield from _values(one, other, f"{path}[{index}]")
    elif not _equal(mine, theirs):
        shown, recorded = _excerpts(mine, theirs)
        yield f"{one_line(path or 'body')}: {shown}, recorded {recorded}"


def _equal(mine: Any, theirs: Any) -> bool:
    if mine is _ABSENT or theirs is _ABSENT:
        return False
    return (type(mine) is type(theirs) and mine == theirs) or _canonical(mine) == _canonical(theirs)


def _members(mine: dict[Any, Any], theirs: dict[Any, Any], path: str, dot: str) -> Iterator[str]:
    for name in dict.fromkeys((*mine, *theirs)):
        inner = f"{path}{dot}{name}" if path else str(name)
        yield from _values(mine.get(name, _ABSENT), theirs.get(name, _ABSENT), inner)


def _excerpts(mine: Any, theirs: Any) -> tuple[str, str]:
    """Return both values, long texts from a little before the place where they part."""
    start = 0
    if isinstance(mine, str) and isinstance(theirs, str) and max(len(mine), len(theirs)) > _LONGEST:
        start = max(0, _same_length(mine, theirs) - _LONGEST // 3)
    return _excerpt(mine, start), _excerpt(theirs, start)


def _excerpt(value: Any, start: int) -> str:
    """Return a value as Python writes it, which is one line, and cut where it is long."""
    if value is _ABSENT:
        return "absent"
    text = repr(value[start : start + 2 * _LONGEST] if isinstance(value, str) else value)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"…{text}" if start else text
