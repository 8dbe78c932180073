"""
What a snapshot of PostgreSQL will probably need, asked for in one message: each one takes as long as most answers.

The tokens of the catalogs are always among it, and come first: by them it is known what of the rest holds.
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
from pytest_darkhost.migrations.snapshots.postgresql_repeating import repeated
from pytest_darkhost.migrations.snapshots.postgresql_rows import Table, is_big
from pytest_darkhost.migrations.snapshots.postgresql_tokens import TOKENS
from pytest_darkhost.migrations.snapshots.values import Part, Snapshot


@dataclass(frozen=True, slots=True)
class Ahead:
    """The answers. What was not asked is not there."""

    tokens: str
    positions: str
    """Of sequences."""
    first: list[Answer] = field(default_factory=list)
    """To the statement that went before all others."""
    rows: Mapping[str, list[Answer]] = field(default_factory=dict)
    """By the question for the rows of a table."""


def ask_ahead(connection: Connection, earlier: Snapshot | None, *, altered: bool, first: str = "") -> Ahead | None:
    """
    Return the answers, `None` where several questions cannot be sent together. Raises SQLAlchemy's errors.

    :param altered: whether tables were probably altered, so that to ask for the rows of those that were there is vain.
    :param first: a statement that goes before all others, in a transaction with them.
    """
    with alone(connection) as is_alone:
        if not is_alone:
            return None
        if altered or earlier is None:
            return _asked(connection, first)
        try:
            return _asked(connection, first, [table.rows for table in small_tables(earlier.parts.values(), earlier)])
        except SQLAlchemyError:  # a table was altered nevertheless; or the first statement is at fault
            return _asked(connection, first)


def ask_first(connection: Connection, before: str) -> Ahead:
    """Return nothing but the tokens. Raises as `ask`."""
    ((tokens, positions),) = ask_again(connection, TOKENS, {}, before=before)
    return Ahead(tokens, positions or "")


def small_tables(parts: Iterable[Part], earlier: Snapshot | None) -> list[Table]:
    """Return the tables of which all rows are read."""
    return [part.reading for part in parts if part.reading and not is_big(part.reading, earlier)]


def _asked(connection: Connection, first: str, rows: Iterable[str] = ()) -> Ahead:
    questions = list(rows)
    tokens = execution(connection, TOKENS, {}, before=PLAIN_PATH)
    asked = repeated(connection, questions, before=PLAIN_PATH)
    answers = ask_together(connection, (*filter(None, (first,)), PLAIN_PATH, tokens, *asked))
    heads = answers.pop(0) if first else []
    _, ((text, positions),), *found = answers
    return Ahead(text, positions or "", heads, dict(zip(questions, found, strict=True)))
