"""
Every statement that a revision sends, with the number of rows that it touched and the line that sent it.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, event

DATA_VERBS = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"})
CHANGING_VERBS = frozenset({"UPDATE", "DELETE", "MERGE"})
"""Verbs of statements that are written to touch rows which are there: none touched is a fault, or next to it."""
_ASKING_VERBS = frozenset({"SELECT", "PRAGMA", "SHOW", "DESCRIBE"})
_DIALECTS = "sqlalchemy.dialects."
_MOST_SHOWN = 200
WATCH = "darkhost_watch"
"""The execution option of a connection that is watched."""
_LISTENED_TO = "darkhost_listened_to"
_BATCH = "_alembic_tmp_"
_COMMENT = re.compile(r"\s*(?:--[^\n]*\n|/\*.*?\*/)", re.DOTALL)
_WORD = re.compile(r"[\s(]*([A-Za-z]+)")
_MAIN_VERB = re.compile(r"\)\s*(INSERT|UPDATE|DELETE|MERGE|SELECT)\b", re.IGNORECASE)
_TABLE = re.compile(
    r"\b(?:INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM(?:\s+ONLY)?)\s+([\w\"`.\[\]]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement that was executed."""

    verb: str
    """Its first word in capitals, of the main statement where it begins with WITH."""
    text: str
    """Without values, white space collapsed, cut."""
    rows: int | None
    """Rows touched, as the driver says; `None` where it does not know."""
    line: int | None
    """1-based line of the revision file that sent it."""
    incidental: bool = False
    """Whether SQLAlchemy asked it by itself: what is in the catalog, mostly."""

    @property
    def is_data(self) -> bool:
        """Whether it writes rows. Alembic's batch mode only copies them."""
        return self.verb in DATA_VERBS and not self.table.startswith(_BATCH)

    @property
    def touched_nothing(self) -> bool:
        """Whether it was written to change rows and changed none."""
        return self.verb in CHANGING_VERBS and self.rows == 0

    @property
    def table(self) -> str:
        """The table that it names first; empty where it cannot be told."""
        found = _TABLE.search(self.text)
        return found.group(1).replace('"', "").replace("`", "") if found else ""


@dataclass(frozen=True, slots=True)
class _Watch:
    """Where the statements of a connection are noted meanwhile."""

    path: str
    seen: list[Statement]

    def note(self, cursor: Any, text: str) -> None:
        """Add the statement that a cursor has executed."""
        rows = getattr(cursor, "rowcount", -1)
        verb, (line, through_dialect) = verb_of(text), _sent(self.path)
        incidental = through_dialect and verb in _ASKING_VERBS
        self.seen.append(Statement(verb, _shortened(text), rows if rows >= 0 else None, line, incidental))


def watch(engine: Engine) -> None:
    """Listen to an engine for good: to listen to each of its connections anew takes longer than what they execute."""
    event.listen(engine, "after_cursor_execute", _noted)
    engine.update_execution_options(**{_LISTENED_TO: True})


def _noted(connection: Connection, cursor: Any, text: str, *_: Any) -> None:
    watch: _Watch | None = connection.get_execution_options().get(WATCH)
    if watch is not None:
        watch.note(cursor, text)


@contextmanager
def watched(connection: Connection, path: str, seen: list[Statement]) -> Iterator[None]:
    """
    Let a list grow with each statement of a connection.

    :param path: the revision file whose lines are looked for among the callers.
    """
    listen = not connection.get_execution_options().get(_LISTENED_TO)
    if listen:
        event.listen(connection, "after_cursor_execute", _noted)
    connection.execution_options(**{WATCH: _Watch(path, seen)})
    try:
        yield
    finally:
        connection.execution_options(**{WATCH: None})
        if listen:
            event.remove(connection, "after_cursor_execute", _noted)


def verb_of(text: str) -> str:
    """Return the first word of a statement in capitals; that of the main statement after WITH."""
    while comment := _COMMENT.match(text):
        text = text[comment.end() :]
    word = _WORD.match(text)
    verb = word.group(1).upper() if word else ""
    if verb == "WITH":
        main = [found.upper() for found in _MAIN_VERB.findall(text)]
        return next((each for each in main if each in DATA_VERBS), "SELECT")
    return verb


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_SHOWN else f"{line[: _MOST_SHOWN - 1]}…"


def _sent(path: str) -> tuple[int | None, bool]:
    """Return the line of a file that sent a statement, and whether a dialect came between, which reads the catalog."""
    frame: Any = sys._getframe(1)
    through_dialect = False
    while frame is not None:
        if frame.f_code.co_filename == path:
            return int(frame.f_lineno), through_dialect
        through_dialect = through_dialect or str(frame.f_globals.get("__name__")).startswith(_DIALECTS)
        frame = frame.f_back
    return None, through_dialect
