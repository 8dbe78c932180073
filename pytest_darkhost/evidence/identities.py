"""
What makes an answer this one and no other: the venue's id of it, and the digest of its bytes. An answer that was seen
before is no new observation.

Kept in a temporary database.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pytest_darkhost.evidence.calls import Call
from pytest_darkhost.evidence.temporary import TemporaryDatabase

_SCHEMA = """
CREATE TABLE answer (id INTEGER PRIMARY KEY, line INTEGER NOT NULL);
CREATE TABLE run (id BLOB PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE report (id BLOB PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID;
"""
_AT_ONCE = 500
"""Keys in one question: SQLite allows 999 in each of its versions."""
_ADD, _AND_ONE = "INSERT OR IGNORE INTO answer VALUES (?, ?)", ", (?, ?)"
_TOGETHER = 16
_KEPT_KIB = 512
"""Answers come in no order: with less, most would be read from the file first, and others written back."""
_LONGEST = 72
"""Characters of a text that is stored as it is."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers that a report shows, each with its probe. What is outside of the plan is among them."""

    live: Mapping[str, str]
    """Those that are said to be new."""
    replayed: Mapping[str, str]
    """Those that are said to be on a cassette: spent, and no fault."""
    twice: tuple[str, ...]
    """Of the live ones those that several probes have."""

    @property
    def all(self) -> Mapping[str, str]:
        """What nobody can show as new any more: an answer is spent wherever it was shown."""
        return {**self.replayed, **self.live}


def answers_of(calls: Iterable[Call]) -> Answers:
    """Return the answers to the calls of a report."""
    live: dict[str, str] = {}
    replayed: dict[str, str] = {}
    twice: dict[str, None] = {}
    for call in calls:
        said = replayed if call.played else live
        for each in call.identities:
            if said.setdefault(each, call.name) != call.name and said is live:
                twice[each] = None
    return Answers(live, replayed, tuple(twice))


class Identities:
    """
    The answers, runs and reports of a bundle so far, each with its line.

    Each method raises `EvidenceError`: `temporary`, when there is no room for them.
    """

    def __init__(self) -> None:
        self._database = TemporaryDatabase(_SCHEMA, _KEPT_KIB)

    def close(self) -> None:
        """Give the file back. Idempotent."""
        self._database.close()

    def line_of_run(self, run_id: str) -> int | None:
        """Return the line that opened a run of this id; `None` where none has."""
        return self._line("run", run_id)

    def add_run(self, run_id: str, line: int) -> bool:
        """Keep the id of a run that is opened; return whether no other has it."""
        return self._database.write("INSERT OR IGNORE INTO run VALUES (?, ?)", [(_key(run_id), line)]) == 1

    def has_report(self, name: str) -> bool:
        """Return whether a line speaks of a report of this name."""
        return self._line("report", name) is not None

    def add_report(self, name: str, line: int) -> None:
        """Keep the name of a report that a line speaks of."""
        self._database.write("INSERT INTO report VALUES (?, ?)", [(_key(name), line)])

    def meet(self, identities: Collection[str], line: int) -> dict[str, int]:
        """
        Keep the answers of a run; return those that one before has shown, each with the line of that one.

        They are told apart by Python's own hashes of 64 bits, which a process makes by a secret of its own: nobody can
        choose two answers of one hash, and by chance two of a million have one in one bundle of thirty million.
        """
        keys = {hash(each): each for each in identities}
        return {} if self._added(tuple(keys), line) == len(keys) else self._lines(keys, line)

    def _added(self, keys: tuple[int, ...], line: int) -> int:
        """Keep answers, some of them in one statement, which takes two thirds of the time; return how many are new."""
        alone = len(keys) % _TOGETHER
        values = [value for key in keys[alone:] for value in (key, line)]
        together = [tuple(values[start : start + 2 * _TOGETHER]) for start in range(0, len(values), 2 * _TOGETHER)]
        new = self._database.write(_ADD, [(key, line) for key in keys[:alone]])
        return new + self._database.write(_ADD + _AND_ONE * (_TOGETHER - 1), together)

    def _lines(self, by_key: Mapping[int, str], line: int) -> dict[str, int]:
        """Return those of some answers that have another line, with it."""
        lines: dict[str, int] = {}
        every = tuple(by_key)
        for keys in (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE)):
            marks = ", ".join("?" * len(keys))
            rows = self._database.rows(f"SELECT id, line FROM answer WHERE id IN ({marks})", keys)  # noqa: S608
            lines |= {by_key[key]: there for key, there in rows if there != line}
        return lines

    def _line(self, table: str, key: str) -> int | None:
        row = next(self._database.rows(f"SELECT line FROM {table} WHERE id = ?", (_key(key),)), None)  # noqa: S608
        return None if row is None else int(row[0])


def _key(text: str) -> str | bytes:
    """
    Return what is stored: a short text itself, of others a digest. Ids are a venue's to choose, and may be no UTF-8.

    SQLite takes no text for a digest, whatever it holds.
    """
    if len(text) <= _LONGEST and text.isascii():
        return text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
