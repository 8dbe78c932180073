"""
Lists what a PostgreSQL database holds, anew only where nothing proves that an earlier listing still holds.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.postgresql_asking import ask_again
from pytest_darkhost.migrations.snapshots.postgresql_catalog import LISTING, RELISTING
from pytest_darkhost.migrations.snapshots.postgresql_reading import ROWS
from pytest_darkhost.migrations.snapshots.postgresql_rows import Table
from pytest_darkhost.migrations.snapshots.postgresql_tokens import PROOF
from pytest_darkhost.migrations.snapshots.postgresql_versions import VERSIONS
from pytest_darkhost.migrations.snapshots.values import ObjectName, Part, Snapshot

_MANY = 20
"""So many tables and sequences are listed as quickly as it is found out which of them are as they were."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a snapshot besides rows."""

    objects: Mapping[ObjectName, str]
    parts: Mapping[str, Part]
    proof: tuple[str, ...]


def listed(connection: Connection, exclude: frozenset[str], earlier: Snapshot | None, *, before: str = "") -> Listing:
    """
    Return every object with its definition, and what is known of each table and sequence.

    :param before: see `ask`.
    """
    # Before the listing: what changes meanwhile counts as new the next time.
    ((versions,),) = ask_again(connection, VERSIONS, {}, before=before)
    proof = (versions, *sorted(exclude))
    if earlier and earlier.proof == proof:
        return Listing(earlier.objects, earlier.parts, proof)
    return Listing(*_anew(connection, exclude, earlier.parts if earlier else {}, before), proof)


def _anew(
    connection: Connection, exclude: frozenset[str], known: Mapping[str, Part], before: str
) -> tuple[dict[ObjectName, str], dict[str, Part]]:
    question = RELISTING if len(known) > _MANY else LISTING
    proofs = tuple(part.proof for part in known.values() if part.proof)
    answer = _Answer()
    for row in ask_again(connection, question, {"exclude": tuple(sorted(exclude)), "known": proofs}, before=before):
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
    readings: dict[str | None, Table] = field(default_factory=dict)
    proofs: dict[str | None, str] = field(default_factory=dict)

    @property
    def numbers(self) -> set[str]:
        """Tables and what else there is in `pg_class`."""
        return {number for number in (*self.own, *self.proofs) if number}

    def add(self, number: str | None, kind: str, name: str, definition: str | None) -> None:
        """Take one row of the answer."""
        if kind == PROOF:
            self.proofs[number] = name
        elif kind == ROWS:
            self.readings[number] = Table.of(name, json.loads(definition or "{}"))
        else:
            self.own[number][ObjectName(kind, name)] = definition or ""

    def part(self, number: str, known: Part | None) -> Part:
        """Return what was listed of a table, or what is known of it if it was not."""
        proof = self.proofs.get(number, "")
        if known and proof and known.proof == proof:
            return known
        return Part(proof, self.own.get(number, {}), self.readings.get(number))
