"""
Lists what a PostgreSQL database holds, anew only where nothing proves that an earlier listing still holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.postgresql_ahead import Ahead, small_tables
from pytest_darkhost.migrations.snapshots.postgresql_answer import read_parts, sequence_positions
from pytest_darkhost.migrations.snapshots.postgresql_asking import Answer, ask, ask_together, execution
from pytest_darkhost.migrations.snapshots.postgresql_mentions import ANY
from pytest_darkhost.migrations.snapshots.postgresql_relations import RELATIONS
from pytest_darkhost.migrations.snapshots.postgresql_repeating import repeated
from pytest_darkhost.migrations.snapshots.postgresql_tokens import NAMED, OTHERS
from pytest_darkhost.migrations.snapshots.postgresql_unrelated import UNRELATED
from pytest_darkhost.migrations.snapshots.values import ObjectName, Part, Snapshot


@dataclass(frozen=True, slots=True)
class Listing:
    """What is in a snapshot besides rows, and the rows that were asked for with it."""

    objects: Mapping[ObjectName, str]
    parts: Mapping[str, Part]
    proof: tuple[str, ...]
    tokens: Mapping[str, str]
    rows: Mapping[str, list[Answer]] = field(default_factory=dict)
    """By the question for the rows of a table."""


def listed(
    connection: Connection, exclude: frozenset[str], earlier: Snapshot | None, ahead: Ahead, *, before: str = ""
) -> Listing:
    """
    Return every object with its definition, and what is known of each relation.

    :param ahead: asked before: what changes meanwhile counts as new the next time.
    :param before: see `ask`.
    """
    proof = (ahead.tokens, ahead.positions, *sorted(exclude))
    if earlier and earlier.proof == proof:
        return Listing(earlier.objects, earlier.parts, proof, earlier.tokens, ahead.rows)
    tokens = dict(line.split(" ") for line in ahead.tokens.split("\n"))
    known = _still_known(earlier, tokens) if earlier and earlier.proof[2:] == proof[2:] else {}
    numbers = tokens.keys() - known.keys() - {NAMED}
    questions = [table.rows for table in small_tables(known.values(), earlier) if table.rows not in ahead.rows]
    answers, rows = _asked(connection, _statements(connection, exclude, numbers, before), questions, before)
    parts = known | read_parts(numbers, answers)
    return Listing(_objects(parts, ahead.positions), parts, proof, tokens, {**ahead.rows, **rows})


def _still_known(earlier: Snapshot, tokens: Mapping[str, str]) -> dict[str, Part]:
    """Return the parts of which neither they themselves nor what they name has changed."""
    changed = {ANY, *(number for number, _ in earlier.tokens.items() ^ tokens.items())}
    if NAMED in changed:
        return {}
    return {
        number: part
        for number, part in earlier.parts.items()
        if number not in changed and part.names.isdisjoint(changed)
    }


def _statements(connection: Connection, exclude: frozenset[str], numbers: set[str], before: str) -> list[str]:
    """Return what lists these parts."""
    statements = []
    if OTHERS in numbers:
        statements.append(execution(connection, UNRELATED, {}, before=before))
    if relations := ",".join(sorted(numbers - {OTHERS})):
        values: dict[str, str | tuple[str, ...]] = {"exclude": tuple(sorted(exclude)), "numbers": f"{{{relations}}}"}
        statements.append(execution(connection, RELATIONS, values, before=before))
    return statements


def _asked(
    connection: Connection, statements: list[str], rows: list[str], before: str
) -> tuple[list[Answer], Mapping[str, list[Answer]]]:
    """Return what is listed, and rows of tables if they can be asked for in the same message."""
    if not statements:
        return [], {}
    if not before:
        return [row for each in statements for row in ask(connection, each)], {}
    repeats = repeated(connection, rows, before=before)
    answers = ask_together(connection, (before, *statements, *repeats))[1:]
    found = dict(zip(rows, answers[len(statements) :], strict=True))
    return [row for answer in answers[: len(statements)] for row in answer], found


def _objects(parts: Mapping[str, Part], positions: str) -> dict[ObjectName, str]:
    objects = sequence_positions(parts, positions)
    for part in parts.values():
        objects |= part.objects
    return objects
