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

_RUN = "{run}"
_SHOWN = 3
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
    def value(self) -> Any:
        """The JSON value of the body; its text where it is none."""
        text = self.body.decode("utf-8", "replace").replace(self.run_id, _RUN)
        try:
            return json.loads(text) if text else None
        except ValueError:
            return text

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that is compared, in hexadecimal."""
        parts = (self.method, self.url, *(f"{name}: {value}" for name, value in sorted(self.headers)))
        return hashlib.sha256(b"\0".join((*(part.encode() for part in parts), _canonical(self.value)))).hexdigest()

    @property
    def shown(self) -> str:
        """Method and URL."""
        return f"{self.method} {self.url}"


def _canonical(value: Any) -> bytes:
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        # Integers above 2**53 and the like have no canonical form; their own text is compared.
        return json.dumps(value, sort_keys=True).encode()


def nearest(asked: Asked, recorded: Iterable[Asked]) -> Asked | None:
    """Return the recorded request that differs least, or `None` where there is none."""
    return min(recorded, key=lambda other: _distance(asked, other), default=None)


def _distance(asked: Asked, other: Asked) -> tuple[int, int]:
    """Return how many parts differ, then how much of the bodies."""
    mine, theirs = _canonical(asked.value), _canonical(other.value)
    alike = _same_length(mine, theirs) + _same_length(mine[::-1], theirs[::-1])
    return sum(1 for _ in differences(asked, other)), max(len(mine), len(theirs)) - alike


def _same_length(mine: Sequence[object], theirs: Sequence[object]) -> int:
    """Return the length of the common beginning."""
    pairs = enumerate(zip(mine, theirs, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(mine), len(theirs)))


def difference(asked: Asked, recorded: Asked) -> str:
    """Return in a few words what differs: `messages[0].content: 'new prompt', recorded 'old prompt'`."""
    found = list(islice(differences(asked, recorded), _SHOWN + 1))
    more = ", …" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more


def differences(asked: Asked, recorded: Asked) -> Iterator[str]:
    """Yield each part that differs."""
    if asked.method != recorded.method:
        yield f"method: {asked.method}, recorded {recorded.method}"
    if asked.url != recorded.url:
        yield f"URL: {asked.url}, recorded {recorded.url}"
    mine, theirs = dict(asked.headers), dict(recorded.headers)
    yield from _members(mine, theirs, "header ", "")
    yield from _values(asked.value, recorded.value, "")


def _values(mine: Any, theirs: Any, path: str) -> Iterator[str]:
    if isinstance(mine, dict) and isinstance(theirs, dict):
        yield from _members(mine, theirs, path, ".")
    elif isinstance(mine, list) and isinstance(theirs, list):
        for index, (one, other) in enumerate(zip_longest(mine, theirs, fillvalue=_ABSENT)):
            yield from _values(one, other, f"{path}[{index}]")
    elif mine is _ABSENT or theirs is _ABSENT or _canonical(mine) != _canonical(theirs):
        shown, recorded = _excerpts(mine, theirs)
        yield f"{path or 'body'}: {shown}, recorded {recorded}"


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
    if value is _ABSENT:
        return "absent"
    text = repr(value[start:] if isinstance(value, str) and start else value)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"…{text}" if start else text
