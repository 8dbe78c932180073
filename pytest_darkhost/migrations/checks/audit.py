"""
The checks of what an activation writes into the audit table: an unbroken chain, and entries that say what was done.
"""

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pytest_darkhost.catalog.audit import AuditEntry
from pytest_darkhost.migrations.checks.comparing import plain
from pytest_darkhost.migrations.checks.standard import WARNING, downgrade_failed, upgrade_failed
from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.lighting import Lighting, Offline
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict

_SAME = Decimal("1e-9")
_OLD = frozenset({"before", "old", "prior", "previous", "was", "from"})
_NEW = frozenset({"after", "new", "now", "is", "to"})
_WORDS = {"true": Decimal(1), "t": Decimal(1), "false": Decimal(0), "f": Decimal(0)}


def audit_chain(trip: RoundTrip) -> Verdict:
    """Return whether the hash chain of the audit table holds after up, down and up again."""
    expected = "an unbroken audit chain"
    if trip.lighting is None:
        return upgrade_failed(trip)
    if trip.lighting.noted.problem:
        return NotJudged(ReasonCode.NOT_APPLICABLE, trip.lighting.noted.problem)
    fault = trip.lighting.chain or _not_noted(trip)
    if fault:
        return Failed(expected, fault, (("database", trip.database),))
    if trip.again is None:
        return downgrade_failed(trip)
    if trip.again.raised:
        return NotJudged(ReasonCode.UPGRADE_FAILED, f"the second upgrade did not run: {trip.again.raised}")
    return Passed(expected, "unbroken")


def audit_entry(trip: RoundTrip) -> Verdict:
    """
    Return whether each way's entry names the model and its venue, says what was done, and holds the row's own values.

    Values are judged where the payload is JSON that names columns of the row: under `before`, `old`, … those before
    this way, under `after`, `new`, … those after it, elsewhere either.
    """
    seen = trip.lighting
    if seen is None:
        return upgrade_failed(trip)
    if seen.noted.problem:
        return NotJudged(ReasonCode.NOT_APPLICABLE, seen.noted.problem)
    if not (seen.noted.up or seen.noted.down or noted_in(trip)):
        return NotJudged(ReasonCode.UNDECLARED, f"it adds no entry to {seen.noted.table}, and declares none")
    venue = (trip.declaration.activates if trip.declaration else None) or ""
    expected = f"entries that name {seen.slug} and {venue.partition('/')[0]}, and hold the values of its row"
    values = _values(trip, seen)
    ways = list(_ways(trip, seen, values))
    fault = next((f"{way.words}: {fault}" for way in ways if (fault := way.fault(seen.slug, venue))), None)
    if fault or _alike_both_ways(seen):
        return Failed(expected, fault or "upgrade and downgrade say the same", (("database", trip.database),))
    unread = [way.words for way in ways if not way.holds_values(seen.slug)]
    told = ((WARNING, f"no values of the row in the entry of {' and '.join(unread)}"),) if unread and values else ()
    return Passed(expected, f"{len(ways)} entries", told)


@dataclass(frozen=True, slots=True)
class _Way:
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


def _ways(trip: RoundTrip, seen: Lighting, values: "tuple[Mapping[str, Any], Mapping[str, Any]]") -> Iterator[_Way]:
    before, after = values
    yield _Way("the upgrade", seen.noted.up, before, after)
    if trip.downgrade is not None and not trip.downgrade.raised:
        yield _Way("the downgrade", seen.noted.down, after, before)
    if seen.offline is not None and seen.offline.gave:
        yield _Way("the SQL of the upgrade", seen.offline.entries, before, after)
    if seen.offline_back is not None and seen.offline_back.gave:
        yield _Way("the SQL of the downgrade", seen.offline_back.entries, after, before)


def _values(trip: RoundTrip, seen: Lighting) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the row's values before and after the upgrade, as far as they are known. One that is not there is dark."""
    slugs = {plain(table): slug for table, slug, _ in seen.noted.row_tables}
    actives = {plain(table): active for table, _, active in seen.noted.row_tables}
    ours = [
        each
        for each in trip.changed
        if each.kind == "row" and dict(each.row).get(slugs.get(plain(each.name), "")) == seen.slug
    ]
    before = dict(next((each.row for each in ours if each.change == "changed"), ()))
    added = next((each for each in ours if each.change == "added"), None)
    if added:
        return {actives[plain(added.name)]: False}, dict(added.row)
    return before, before | {each.column: each.after for each in ours if each.column}


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


def _alike_both_ways(seen: Lighting) -> bool:
    said = [{(each.action, each.payload) for each in entries} for entries in (seen.noted.up, seen.noted.down)]
    return bool(said[0]) and said[0] == said[1]


def fault_of_sql(trip: RoundTrip, seen: Offline) -> str | None:
    """Return what is wrong with the SQL of one way, rows aside."""
    if seen.raised:
        return f"the database refused it: {seen.raised}"
    tables = noted_in(trip)
    if tables and not seen.entries:
        return f"it adds no entry to {' and '.join(tables)}, though one is declared"
    return f"it breaks the audit chain: {seen.chain}" if seen.chain else None


def _not_noted(trip: RoundTrip) -> str | None:
    """Return which way adds no entry to the audit table, though the revision declares that it appends there."""
    tables = noted_in(trip)
    up, both = (sum(_is_entry(each, tables) for each in seen) for seen in (trip.changed, trip.left))
    undone = trip.downgrade is not None and not trip.downgrade.raised
    if not tables or (up and (both > up or not undone)):
        return None
    return f"the {'downgrade' if up else 'upgrade'} adds no entry to {' and '.join(tables)}, though one is declared"


def noted_in(trip: RoundTrip) -> set[str]:
    """Return the audit table, if the revision declares that it appends to it."""
    changes = trip.declaration.changes if trip.declaration else None
    declared = {plain(each.table) for each in changes or () if each.append and each.table}
    return declared & set(map(plain, trip.append_only))


def _is_entry(each: Difference, tables: Container[str]) -> bool:
    return each.kind == "row" and each.change == "added" and plain(each.name) in tables
