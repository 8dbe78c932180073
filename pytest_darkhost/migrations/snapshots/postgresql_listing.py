"""
Lists what a PostgreSQL database holds, anew only where nothing proves that an earlier listing still holds.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.postgresql_asking import ask_again
from pytest_darkhost.migrations.snapshots.postgresql_catalog import LISTING
from pytest_darkhost.migrations.snapshots.postgresql_reading import ROWS
from pytest_darkhost.migrations.snapshots.postgresql_rows import Table
from pytest_darkhost.migrations.snapshots.postgresql_tokens import PROOF
from pytest_darkhost.migrations.snapshots.postgresql_versions import VERSIONS
from pytest_darkhost.migrations.snapshots.values import ObjectName, Part, Snapshot


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
    values = {"exclude": tuple(sorted(exclude)), "known": tuple(part.proof for part in known.values())}
    objects: dict[ObjectName, str] = {}
    own: defaultdict[str | None, dict[ObjectName, str]] = defaultdict(dict)
    readings: dict[str, Table] = {}
    proofs: dict[str, str] = {}
    for number, kind, name, definition in ask_again(connection, LISTING, values, before=before):
        if kind == PROOF:
            proofs[number] = name
        elif kind == ROWS:
            readings[number] = Table.of(name, json.loads(definition))
        else:
            own[number][ObjectName(kind, name)] = definition or ""
    parts = {number: _part(number, proof, known, own, readings) for number, proof in proofs.items()}
    for number in own.keys() - parts.keys():
        objects |= own[number]
    for part in parts.values():
        objects |= part.objects
    return objects, parts


def _part(
    number: str,
    proof: str,
    known: Mapping[str, Part],
    own: Mapping[str | None, dict[ObjectName, str]],
    readings: Mapping[str, Table],
) -> Part:
    earlier = known.get(number)
    if earlier and earlier.proof == proof:
        return earlier
    return Part(proof, own.get(number, {}), readings.get(number))
