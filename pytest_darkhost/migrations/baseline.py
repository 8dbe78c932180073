"""
Findings that a team has accepted, each with an owner, a reason and a day on which it fails again.

A finding is named by the id of its test and by words that its failure must hold, so that another failure there is new.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pytest_darkhost.errors import UsageError
from pytest_darkhost.specs.document import Document
from pytest_darkhost.specs.messages import near
from pytest_darkhost.specs.source import decoded, read_bytes
from pytest_darkhost.specs.yaml_nodes import read

_KEYS = ("finding", "says", "owner", "reason", "expires")


@dataclass(frozen=True, slots=True)
class Accepted:
    """One finding that may be there."""

    place: str
    """`baseline.yaml:3`."""
    finding: str
    """The id of the test that fails."""
    says: str
    """Words of the failure."""
    owner: str
    reason: str
    expires: date
    """The last day on which it is accepted."""

    def covers(self, finding: str, said: str) -> bool:
        """Return whether a failure is this one."""
        return finding == self.finding and self.says in said

    def expired(self, today: date) -> bool:
        """Return whether it is accepted no more."""
        return today > self.expires


def load_baseline(path: Path, name: str) -> tuple[Accepted, ...]:
    """
    Return the accepted findings of a YAML file.

    :param name: how errors call the file.
    :raises UsageError: the file cannot be read, or an entry lacks something. Each mistake has its line.
    """
    document = read(decoded(read_bytes(path, name), name))
    if document.flaws:
        msg = "\n".join(f"{name}:{flaw.line}: {flaw.text}" for flaw in document.flaws)
        raise UsageError(msg)
    if not isinstance(document.value, list):
        msg = f"{name}:1: a {type(document.value).__name__}, expected a list of findings with {', '.join(_KEYS)}"
        raise UsageError(msg)
    mistakes = [f"{name}:{line}: {text}" for line, text in _mistakes(document)]
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return tuple(_accepted(entry, f"{name}:{_line(document, (i,))}") for i, entry in enumerate(document.value))


def _mistakes(document: Document) -> Iterator[tuple[int, str]]:
    for index, entry in enumerate(document.value):
        line = _line(document, (index,))
        if not isinstance(entry, dict):
            yield line, f"a {type(entry).__name__}, expected a finding with {', '.join(_KEYS)}"
            continue
        for key in entry:
            if key not in _KEYS:
                yield (
                    _line(document, (index, key)),
                    f"{key}: unknown key, expected one of {', '.join(_KEYS)}" + near(str(key), _KEYS),
                )
        for key in _KEYS:
            value = entry.get(key)
            if not isinstance(value, str) or not value.strip():
                yield _line(document, (index, key)), f"{key}: {value!r}, expected text"
        if isinstance(entry.get("expires"), str) and _date(entry["expires"]) is None:
            yield _line(document, (index, "expires")), f"expires: {entry['expires']!r}, expected a date: 2027-01-31"


def _accepted(entry: dict[str, Any], place: str) -> Accepted:
    expires = _date(entry["expires"])
    assert expires is not None, "looked at by _mistakes"
    return Accepted(place, entry["finding"], entry["says"], entry["owner"], entry["reason"], expires)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _line(document: Document, path: tuple[int | str, ...]) -> int:
    return document.place(path).key_line
