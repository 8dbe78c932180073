"""
What a snapshot of PostgreSQL will probably need, asked for in one message: each one takes as long as most answers.

Which versions the catalogs consist of is always among it, and comes first: by that it is known what of the rest holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from pytest_darkhost.migrations.snapshots.postgresql_asking import (
    PLAIN_PATH,
    Answer,
    alone,
    ask_again,
    ask_together,
    execution,
)
from pytest_darkhost.migrations.snapshots.postgresql_catalog import LISTING, RELISTING
from pytest_darkhost.migrations.snapshots.postgresql_repeating import repeated
from pytest_darkhost.migrations.snapshots.postgresql_rows import Table, is_big
from pytest_darkhost.migrations.snapshots.postgresql_versions import VERSIONS
from pytest_darkhost.migrations.snapshots.values import Part, Snapshot

_MANY = 20
"""So many tables and sequences are listed as quickly as it is found out which of them are as they were."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The answers. What was not asked is `None`, or not there."""

    versions: str
    first: list[Answer] = field(default_factory=list)
    """To the statement that went before all others."""
    listing: list[Answer] | None = None
    rows: Mapping[str, list[Answer]] = field(default_factory=dict)
    """By the question for the rows of a table."""


def ask_ahead(
    connection: Connection, exclude: frozenset[str], earlier: Snapshot | None, *, altered: bool, first: str = ""
) -> Ahead | None:
    """
    Return the answers, `None` where several questions cannot be sent together. Raises SQLAlchemy's errors.

    :param altered: whether to ask for the listing, rather than for the rows of the tables that were there.
    :param first: a statement that goes before all others, in a transaction with them.
    """
    with alone(connection) as is_alone:
        if not is_alone:
            return None
        if altered or earlier is None:
            return _with_listing(connection, exclude, earlier.parts if earlier else {}, first)
        try:
            return _with_rows(connection, earlier, first)
        except SQLAlchemyError:  # a table was altered nevertheless; or the first statement is at fault
            return _with_listing(connection, exclude, earlier.parts, first)


def ask_first(connection: Connection, before: str) -> Ahead:
    """Return nothing but the versions. Raises as `ask`."""
    ((versions,),) = ask_again(connection, VERSIONS, {}, before=before)
    return Ahead(versions)


def listing(connection: Connection, exclude: frozenset[str], known: Mapping[str, Part], *, before: str = "") -> str:
    """
    Return the statement that lists what is not known. Raises as `ask`.

    :param before: see `ask`.
    """
    question = RELISTING if len(known) > _MANY else LISTING
    proofs = tuple(part.proof for part in known.values() if part.proof)
    return execution(connection, question, {"exclude": tuple(sorted(exclude)), "known": proofs}, before=before)


def _with_listing(connection: Connection, exclude: frozenset[str], known: Mapping[str, Part], first: str) -> Ahead:
    versions = execution(connection, VERSIONS, {}, before=PLAIN_PATH)
    first_rows, ((text,),), listed = _sent(
        connection, first, (versions, listing(connection, exclude, known, before=PLAIN_PATH))
    )
    return Ahead(text, first_rows, listed)


def _with_rows(connection: Connection, earlier: Snapshot, first: str) -> Ahead:
    versions = execution(connection, VERSIONS, {}, before=PLAIN_PATH)
    found: Iterable[Table] = (part.reading for part in earlier.parts.values() if part.reading)
    questions = [table.rows for table in found if not is_big(table, earlier)]
    asked = repeated(connection, questions, before=PLAIN_PATH)
    first_rows, ((text,),), *rows = _sent(connection, first, (versions, *asked))
    return Ahead(text, first_rows, None, dict(zip(questions, rows, strict=True)))


def _sent(connection: Connection, first: str, statements: Iterable[str]) -> list[list[Answer]]:
    answers = ask_together(connection, (*filter(None, (first,)), PLAIN_PATH, *statements))
    return [answers[0] if first else [], *answers[2 if first else 1 :]]
