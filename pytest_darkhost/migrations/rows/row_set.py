"""
Rows of several tables, and how errors call the place of each. Nothing here knows a database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowSet:
    """Rows by table, as they were written down."""

    tables: Mapping[str, Sequence[Row]]
    """In the order of the file; a table may be qualified by its schema."""
    place: Callable[[str, int, str | None], str]
    """Where a value stands, for errors: from table, 0-based row and column."""
    revision: str | None = None
    """The Alembic revision whose schema the rows fit, where that is said."""
