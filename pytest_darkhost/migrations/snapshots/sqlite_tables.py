"""
What only the text of `CREATE TABLE` tells on SQLite: names of constraints, CHECKs, expressions, collations, options.

What the pragmas tell is not read here. Inline and table-level constraints come out alike, since batch mode turns the
one into the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pytest_darkhost.migrations.snapshots.sqlite_tokens import closing, joined, split, tokens

_STARTS = frozenset({"constraint", "primary", "unique", "check", "foreign"})
_COLUMN_STARTS = _STARTS | {"references", "collate", "default", "generated", "as", "not", "null"}


@dataclass(slots=True)
class TableText:
    """What was read of one table."""

    constraints: list[tuple[str | None, str]] = field(default_factory=list)
    """Name, if there is one, and definition: `("uq_models_slug", "unique(slug)")`."""
    collations: dict[str, str] = field(default_factory=dict)
    """By column."""
    expressions: dict[str, str] = field(default_factory=dict)
    """Of generated columns."""
    options: list[str] = field(default_factory=list)
    """`autoincrement`, `without rowid`, `strict`."""


def read_table(sql: str) -> TableText:
    """Return what the text of a `CREATE TABLE` tells. Virtual tables and `AS SELECT` tell nothing."""
    parts = tokens(sql)
    found = TableText()
    if "(" not in parts:
        return found
    start = parts.index("(")
    end = closing(parts, start)
    for piece in split(parts[start + 1 : end]):
        if piece and piece[0] in _STARTS:
            _read_clauses(piece, None, found)
        elif piece:
            _read_clauses(_after_type(piece), piece[0].strip('"'), found)
    found.options += sorted(joined(option) for option in split(parts[end + 1 :]) if option and option != [";"])
    return found


def _after_type(piece: Sequence[str]) -> Sequence[str]:
    """Return the constraints of a column: what follows its name and type."""
    place = 1
    while place < len(piece) and piece[place] not in _COLUMN_STARTS:
        place = closing(piece, place) + 1 if piece[place] == "(" else place + 1
    return piece[place:]


def _read_clauses(piece: Sequence[str], column: str | None, found: TableText) -> None:
    for name, clause in _clauses(piece):
        _read_clause(name, clause, column, found)


def _clauses(piece: Sequence[str]) -> Iterator[tuple[str | None, Sequence[str]]]:
    """Yield each constraint with its name: a clause lasts until a word that begins the next one."""
    place = 0
    while place < len(piece):
        name = None
        if piece[place] == "constraint":
            name, place = piece[place + 1], place + 2
        end = _end(piece, place)
        yield name, piece[place:end]
        place = end


def _end(piece: Sequence[str], start: int) -> int:
    place = start + 1
    while place < len(piece):
        if piece[place] == "(":
            place = closing(piece, place) + 1
        elif _begins(piece, start, place):
            return place
        else:
            place += 1
    return place


def _begins(piece: Sequence[str], start: int, place: int) -> bool:
    """Return whether a word begins a clause: it may also stand within `SET DEFAULT`, `NOT NULL`, `FOREIGN KEY …`."""
    within = piece[place - 1] in ("set", "not", "always") or (piece[start], piece[place]) == ("foreign", "references")
    return piece[place] in _COLUMN_STARTS and not within


def _read_clause(name: str | None, clause: Sequence[str], column: str | None, found: TableText) -> None:
    kind = clause[0] if clause else ""
    if kind == "collate":
        found.collations[str(column)] = joined(clause[1:])
    elif kind in ("generated", "as"):
        start = clause.index("as") + 1
        found.expressions[str(column)] = joined(clause[start : closing(clause, start) + 1])
    elif kind in ("primary", "unique", "check", "foreign", "references"):
        if "autoincrement" in clause:
            found.options.append("autoincrement")
        found.constraints.append((name, _definition(kind, clause, column)))


def _definition(kind: str, clause: Sequence[str], column: str | None) -> str:
    """Return a constraint as it would read at the level of the table."""
    if column is not None and kind == "references":
        return joined(["foreign", "key", "(", column, ")", *clause])
    if column is not None and kind in ("primary", "unique"):
        words = ["primary", "key"] if kind == "primary" else ["unique"]
        rest = [part for part in clause[len(words) :] if part not in ("autoincrement", "asc")]
        return joined([*words, "(", column, ")", *rest])
    if kind == "check":
        return f"check({joined(clause[1:])})"
    return joined([part for part in clause if part not in ("autoincrement", "asc")])
