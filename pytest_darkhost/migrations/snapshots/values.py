"""
What a snapshot holds. The modules of each kind of database take one; `differences` compares two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Value = str | int | float | bytes | None
"""A value of a row: text on servers, which say it exactly; on SQLite what is stored, since types are per value."""
Row = tuple[Value, ...]

COLUMN_ORDER = "column order"
SEQUENCE_POSITION = "sequence position"
GENERATED_KEY = "generated key"
DECLARED_ONLY = frozenset({COLUMN_ORDER, SEQUENCE_POSITION, GENERATED_KEY})
"""Kinds that a downgrade cannot be expected to restore: compared where somebody says so."""


class ObjectName(NamedTuple):
    """Which object: `("index", "ix_models_slug")`."""

    kind: str
    """`table`, `column`, `type`, `default`, `constraint`, `index`, `view`, `trigger`, `function`, `enum`, `grant`, …"""
    name: str
    """Qualified by its table (`models.price`), and by its schema unless that is the default one."""


@dataclass(frozen=True, slots=True)
class TableRows:
    """The rows of one table. Of a big one the rows themselves are not at hand, only their digests."""

    columns: tuple[str, ...]
    """In physical order."""
    key: tuple[str, ...]
    """The columns that name a row: the primary key, or another one where that is generated. May be empty."""
    generated: tuple[str, ...]
    """Columns of a primary key that the database fills: identity, serial, rowid."""
    count: int
    rows: tuple[Row, ...] | None
    """In the order of the primary key, where there is one; `None` for a big table."""
    digests: bytes = b""
    """Of a big table: a line per row, `[<value of the key>, …]\\t<digest>`, in the order of the primary key."""
    column_digests: tuple[str, ...] = ()
    """Of a big table: a digest per column, for when others are added or dropped."""
    stamp: str = ""
    """Of a big table: by what the same kind of database can prove later that no row was written; empty if it cannot."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a listing said of one table, view or sequence, or of all that belongs to none."""

    objects: Mapping[ObjectName, str]
    names: frozenset[str] = frozenset()
    """The server's numbers of others whose names may be among it."""
    reading: Any = None
    """How its rows are read, in the words of the kind of database."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A database at one moment."""

    dialect: str
    """`sqlite`, `postgresql` or `mysql`."""
    objects: Mapping[ObjectName, str]
    """Each object with its definition, in the server's words where it has some."""
    tables: Mapping[str, TableRows]
    """The rows of each table."""
    parts: Mapping[str, Part] = field(default_factory=dict, compare=False, repr=False)
    """What need not be listed again while `proof` says so, by the server's number of it."""
    proof: tuple[str, ...] = field(default=(), compare=False, repr=False)
    """What proves that nothing at all would be listed otherwise; empty if nothing can."""
    tokens: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """What proves the same of each part, by its number."""
