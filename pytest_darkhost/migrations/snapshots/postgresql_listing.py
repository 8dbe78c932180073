"""
Lists what a PostgreSQL database holds, anew only where nothing proves that an earlier listing still holds.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.postgresql_ahead import Ahead, listing
from pytest_darkhost.migrations.snapshots.postgresql_asking import Answer, ask
from pytest_darkhost.migrations.snapshots.postgresql_columns import read_columns
from pytest_darkhost.migrations.snapshots.postgresql_reading import COLUMNS, KEYS, ROWS
from pytest_darkhost.migrations.snapshots.postgresql_rows import Table, read_table
from pytest_darkhost.migrations.snapshots.postgresql_tokens import PROOF
from pytest_darkhost.migrations.snapshots.values import ObjectName, Part, Snapshot

_TOLD = frozenset({PROOF, COLUMNS, KEYS, ROWS})


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a snapshot besides rows."""

    objects: Mapping[ObjectName, str]
    parts: Mapping[str, Part]
    proof: tuple[str, ...]


def listed(
    connection: Connection, exclude: frozenset[str], earlier: Snapshot | None, ahead: Ahead, *, before: str = ""
) -> Listing:
    """
    Return every object with its definition, and what is known of each table and sequence.

    :param ahead: asked before: what changes meanwhile counts as new the next time.
    :param before: see `ask`.
    """
    proof = (ahead.versions, *sorted(exclude))
    if earlier and earlier.proof == proof:
        return Listing(earlier.objects, earlier.parts, proof)
    known = earlier.parts if earlier else {}
    rows = ahead.listing
    if rows is None:
        rows = ask(connection, listing(connection, exclude, known, before=before), before=before)
    return Listing(*_anew(rows, known), proof)


def _anew(rows: list[Answer], known: Mapping[str, Part]) -> tuple[dict[ObjectName, str], dict[str, Part]]:
    answer = _Answer()
    for row in rows:
        answer.add(*row)
    parts = {number: answer.part(number, known.get(number)) for number in answer.numbers}
    objects = dict(answer.own[None])
    for part in parts.values():
        objects |= part.objects
    return objects, parts


@dataclass(slots=True)
class _Answer:
    """What the server has listed. Grows while it is read."""

    own: defaultdict[str | None, dict[ObjectName, str]] = field(default_factory=lambda: defaultdict(dict))
    told: defaultdict[str | None, dict[str, tuple[str, str]]] = field(default_factory=lambda: defaultdict(dict))
    """What is to be read first, by its kind: each with the name of the table, a proof in its place."""

    @property
    def numbers(self) -> set[str]:
        """Tables and what else there is in `pg_class`."""
        return {number for number in (*self.own, *self.told) if number}

    def add(self, number: str | None, kind: str, name: str, definition: str | None) -> None:
        """Take one row of the answer."""
        if kind in _TOLD:
            self.told[number][kind] = name, definition or ""
        else:
            self.own[number][ObjectName(kind, name)] = definition or ""

    def part(self, number: str, known: Part | None) -> Part:
        """Return what was listed of a table, or what is known of it if it was not."""
        told = self.told.get(number, {})
        proof, _ = told.get(PROOF, ("", ""))
        if known and proof and known.proof == proof:
            return known
        objects = dict(self.own.get(number, {}))
        if COLUMNS in told:
            objects.update(read_columns(*told[COLUMNS]).objects)
        return Part(proof, objects, _table(told) if ROWS in told else None)


def _table(told: Mapping[str, tuple[str, str]]) -> Table:
    name, place = told[ROWS]
    columns, keys = (told.get(kind, ("", ""))[1] for kind in (COLUMNS, KEYS))
    return read_table(name, place, columns, keys)
