"""
Lists the tables of an SQLite database with their columns and keys: a few questions, however many tables there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Connection

from pytest_darkhost.migrations.snapshots.sqlite_asking import Answer, ask
from pytest_darkhost.migrations.snapshots.sqlite_tables import TableText, read_table
from pytest_darkhost.migrations.snapshots.sqlite_tokens import tokens

MOST_KEPT = 4096
"""Tables whose definitions are kept for the next snapshot: most of them will be the same."""
_TABLES = "main.sqlite_master m WHERE m.type = 'table' AND substr(m.name, 1, 7) <> 'sqlite_'"
_COLUMNS = f"""
SELECT m.name, m.sql, x.name, x.type, x."notnull", x.dflt_value, x.pk, x.hidden FROM {
    _TABLES.replace(
        " WHERE",
        '''
LEFT JOIN pragma_table_xinfo(m.name, 'main') x WHERE''',
    )
} ORDER BY m.name, x.cid"""
_UNIQUE = f"""
SELECT m.name, l.name, i.name FROM {
    _TABLES.replace(
        " WHERE",
        ''' JOIN pragma_index_list(m.name, 'main') l
JOIN pragma_index_info(l.name, 'main') i WHERE''',
    )
} AND l."unique" AND NOT l.partial AND l.origin <> 'pk'
ORDER BY m.name, l.name, i.seqno"""


class Column(NamedTuple):
    """A row of `PRAGMA table_xinfo`."""

    name: str
    type: str
    not_null: int
    default: str | None
    key_place: int
    hidden: int


@dataclass(frozen=True, eq=False)
class Table:
    """A table and what its text tells, which is read once."""

    name: str
    sql: str
    columns: tuple[Column, ...]

    @cached_property
    def virtual(self) -> bool:
        """Whether its rows are those of a module."""
        return tokens(self.sql)[:2] == ["create", "virtual"]

    @cached_property
    def text(self) -> TableText:
        """What only the text of its definition tells."""
        return TableText() if self.virtual else read_table(self.sql)

    @cached_property
    def primary(self) -> tuple[str, ...]:
        """The columns of the primary key, in its order."""
        keyed = sorted((column.key_place, column.name) for column in self.columns if column.key_place)
        return tuple(name for _, name in keyed)

    @cached_property
    def filled(self) -> tuple[str, ...]:
        """The column that is the rowid: SQLite fills it."""
        alone = [column for column in self.columns if column.key_place]
        alias = len(alone) == 1 and alone[0].type == "INTEGER" and "without rowid" not in self.text.options
        return (alone[0].name,) if alias else ()


def list_tables(connection: Connection) -> Iterator[Table]:
    """Yield the tables in the order of their names: the same object as before for the same table. Raises as `ask`."""
    for (name, sql), rows in groupby(ask(connection, _COLUMNS), itemgetter(0, 1)):
        yield _table(name, sql, tuple(rows))


@lru_cache(MOST_KEPT)
def _table(name: str, sql: str, rows: tuple[Answer, ...]) -> Table:
    columns = (row[2:] for row in rows if row[2] is not None)
    return Table(name, sql, tuple(Column(each, " ".join(kind.upper().split()), *rest) for each, kind, *rest in columns))


def list_unique(connection: Connection) -> dict[str, list[tuple[str, ...]]]:
    """
    Return the unique keys of whole rows by table, each as its columns, in the order of the names of their indexes.

    Not the primary ones. An expression is `None` among the columns. Raises as `ask`.
    """
    found: dict[str, list[tuple[str, ...]]] = {}
    for (table, _), rows in groupby(ask(connection, _UNIQUE), itemgetter(0, 1)):
        found.setdefault(table, []).append(tuple(row[2] for row in rows))
    return found
