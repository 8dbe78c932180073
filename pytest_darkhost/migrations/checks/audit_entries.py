"""
What the entries of one way, up or down, say of a model's row: read from their JSON, and compared with the row.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pytest_darkhost.catalog.audit import AuditEntry

_SAME = Decimal("1e-9")
_OLD = frozenset({"before", "old", "prior", "previous", "was", "from"})
_NEW = frozenset({"after", "new", "now", "is", "to"})
_WORDS = {"true": Decimal(1), "t": Decimal(1), "false": Decimal(0), "f": Decimal(0)}


@dataclass(frozen=True, slots=True)
class Way:
    """The entries that one way appended, and the row before and after it."""

    words: str
    entries: tuple[AuditEntry, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def about(self, slug: str) -> AuditEntry | None:
        """Return the entry that names the model."""
        return next((each for each in self.entries if slug in f"{each.subject}\n{each.payload}"), None)

    def fault(self, slug: str, target: str) -> str | None:
        """Return what is wrong with the entry."""
        entry, venue = self.about(slug), target.partition("/")[0]
        if entry is None:
            named = ", ".join(repr(each.subject) for each in self.entries)
            return f"no entry names {slug!r}; subjects: {named or 'none, it adds no entry'}"
        if not entry.action.strip():
            return f"entry {entry.seq} has no action"
        if venue not in f"{entry.subject}\n{entry.payload}":
            return f"entry {entry.seq} does not name the venue {venue!r}"
        if _is_broken_json(entry.payload):
            return f"entry {entry.seq} has a payload in braces that is no JSON"
        return next(self._misquoted(entry), None)

    def holds_values(self, slug: str) -> bool:
        """Return whether the entry says something of the row's values that can be compared."""
        entry = self.about(slug)
        return entry is not None and any(True for _ in self._quoted(entry))

    def _quoted(self, entry: AuditEntry) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Yield what the payload says of the row, with the key under which it stands."""
        changed = {name for name in {**self.before, **self.after} if self.before.get(name) != self.after.get(name)}
        try:
            payload = json.loads(entry.payload)
        except ValueError:
            return
        yield from ((key, said) for key, said in _mappings("", payload) if changed & said.keys())

    def _misquoted(self, entry: AuditEntry) -> Iterator[str]:
        for key, said in self._quoted(entry):
            states = [self.before] if key in _OLD else [self.after] if key in _NEW else [self.before, self.after]
            wrong = [_differing(said, state) for state in states]
            if all(wrong):
                column = wrong[-1][0]
                where = f"{key}.{column}" if key else column
                yield f"entry {entry.seq} says {where} {said[column]}, the row has {states[-1].get(column)}"


def _is_broken_json(payload: str) -> bool:
    """Return whether a payload looks like a JSON object and is none, as `str(dict)` does. Other text is free."""
    text = payload.strip()
    if not (text.startswith("{") and text.endswith("}")):
        return False
    try:
        json.loads(text)
    except ValueError:
        return True
    return False


def _mappings(key: str, value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each mapping in a JSON value, with the key under which it stands."""
    if isinstance(value, dict):
        yield key, value
        for name, item in value.items():
            yield from _mappings(str(name), item)
    elif isinstance(value, list):
        for item in value:
            yield from _mappings(key, item)


def _differing(said: Mapping[str, Any], state: Mapping[str, Any]) -> list[str]:
    """Return the columns of the row whose values are said otherwise. Where there was no row, nothing can be."""
    return [name for name, value in said.items() if name in state and not _same(value, state[name])]


def _same(said: Any, there: Any) -> bool:
    left, right = _number(said), _number(there)
    if left is not None and right is not None:
        return abs(left - right) <= _SAME
    return (said is None) is (there is None) and str(said) == str(there)


def _number(value: Any) -> Decimal | None:
    """Return a value as a number: databases write true as 1 or as text, exact numbers as text."""
    if isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and value in _WORDS:
        return _WORDS[value]
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
