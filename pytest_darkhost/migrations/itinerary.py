"""
What is to be walked on one database, and what is known of it beforehand.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.history import History, Revision
from pytest_darkhost.migrations.steps import Hooks

if TYPE_CHECKING:
    from pytest_darkhost.migrations.declarations import Declaration
    from pytest_darkhost.specs.models import Target

BASE = "base"
"""Alembic's word for what is below the first revision."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Production-shaped rows, put in once."""

    after: str
    """The id of the revision after which they fit the schema, or `base`: they are put into the empty database."""
    put: Callable[[Connection], None]
    """Writes them. Raises `UsageError` where they do not fit."""


@dataclass(frozen=True, slots=True)
class Itinerary:
    """One history, and which of its revisions are judged."""

    history: History
    wanted: frozenset[str]
    """Ids of the revisions that are judged; the others are only run."""
    declarations: "Mapping[str, Declaration]" = field(default_factory=lambda: MappingProxyType({}))
    """By revision id."""
    targets: "Mapping[str, Target]" = field(default_factory=lambda: MappingProxyType({}))
    """Specs by `venue/slug`."""
    hooks: Hooks = field(default_factory=Hooks)
    names: CatalogNames = field(default_factory=CatalogNames)
    exclude: frozenset[str] = frozenset({"alembic_version"})
    """Tables that no snapshot has."""
    rows: Rows | None = None
    strict_rows: bool = False
    """Whether an UPDATE or DELETE that touches no row fails in any revision; in an activation it always does."""

    @property
    def append_only(self) -> frozenset[str]:
        """The audit table: it may only grow, whether or not a revision says so."""
        return frozenset({self.names.audit.table})

    def declaration(self, revision: Revision) -> "Declaration | None":
        """Return what is declared of a revision."""
        return self.declarations.get(revision.id)


def rows_belong_after(history: History, said: str | None, judged: frozenset[str]) -> str:
    """
    Return the id of the revision after which rows are put in.

    That is the one which they name themselves, else the last one below all that are judged; where every revision is
    judged, the last one but the head. `base` stands for the empty database: a history may begin above a schema.

    :param said: what the rows name: an id or its unique beginning; several, with commas, of a database with branches.
    :raises UsageError: there is no such revision.
    """
    ids = [each.id for each in history.revisions]
    if said == BASE:
        return BASE
    if said is not None:
        return max((_named(history, each) for each in said.split(",")), key=ids.index)
    first = next((number for number, each in enumerate(ids) if each in judged), 0) or len(ids) - 1
    if first == 0:
        msg = f"rows: {history.place.shown} has one revision, expected one below it for the rows to be put in"
        raise UsageError(msg)
    return ids[first - 1]


def _named(history: History, said: str) -> str:
    ids = [each.id for each in history.revisions]
    found = [each for each in ids if each == said] or [each for each in ids if each.startswith(said)]
    if len(found) == 1:
        return found[0]
    from pytest_darkhost.migrations.rows.schema import near_names

    what = f"begins {len(found)} revisions" if found else "is no revision"
    msg = f"rows: {said!r} {what} of {history.place.shown}, expected one of {near_names(said, ids)}"
    raise UsageError(msg)
