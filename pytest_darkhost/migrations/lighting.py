"""
What was seen of an activation besides its round trip: the catalog, its undoing under traffic, its half-way failure.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_darkhost.catalog.audit import AuditEntry
from pytest_darkhost.catalog.rows import Catalog
from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.steps import Step

if TYPE_CHECKING:
    from pytest_darkhost.specs.models import Target


@dataclass(frozen=True, slots=True)
class Undoing:
    """A downgrade after rows were added, and an upgrade on top of what it left."""

    tables: tuple[str, ...]
    """The tables into which rows were added."""
    refers: bool
    """Whether they refer to the activated row; else they refer to others, and it is as unused as before."""
    downgrade: Step
    changed: tuple[Difference, ...]
    """What the downgrade changed then."""
    catalog: Catalog | str
    """The catalog afterwards, or why it cannot be read."""
    chain: str | None
    """Where the hash chain of the audit table breaks afterwards; `None` where it does not."""
    again: Step | None = None
    """The upgrade on top; `None` where it was not tried."""
    again_changed: tuple[Difference, ...] = ()
    again_catalog: Catalog | str = ""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Undoings after the catalog was used."""

    problem: str = ""
    """Why no rows could be added that refer to the activated one."""
    undoings: tuple[Undoing, ...] = ()


@dataclass(frozen=True, slots=True)
class Noted:
    """What a revision wrote into the audit table."""

    table: str
    problem: str = ""
    """Why there is nothing to read: no such table, or one of another shape."""
    up: tuple[AuditEntry, ...] = ()
    down: tuple[AuditEntry, ...] = ()
    row_tables: tuple[tuple[str, str, str], ...] = ()
    """The tables that can hold the activated row, each with the columns of its slug and of whether it is active."""


@dataclass(frozen=True, slots=True)
class Offline:
    """One way that was printed as SQL, and run without Alembic."""

    unprinted: str = ""
    """Why there is no SQL."""
    raised: str = ""
    """What the database said of the SQL."""
    entries: tuple[AuditEntry, ...] = ()
    """What it added to the audit table."""
    chain: str | None = None
    """Where the audit chain breaks afterwards; `None` where it does not."""
    parted: tuple[Difference, ...] = ()
    """In what the database differs then from what Alembic made of it."""

    @property
    def gave(self) -> bool:
        """Whether there was SQL that the database took."""
        return not (self.unprinted or self.raised)


@dataclass(frozen=True, slots=True)
class Guard:
    """What was planted before an upgrade that should refuse it."""

    tried: tuple[str, ...]
    """What was changed, in words."""
    there: bool
    """Whether the row was there before the upgrade."""
    unguarded: str = ""
    """The change with which the upgrade went through; nothing was tried afterwards."""
    dark: bool = False
    """Whether it went through and left no active row."""


@dataclass(frozen=True, slots=True)
class Lighting:
    """An activation, seen from the catalog."""

    slug: str
    target: "Target | None"
    """The spec of what is activated; `None` where no spec file has it."""
    catalog: Catalog | str
    """The catalog after the upgrade, or why it cannot be read."""
    names_models: bool
    """Whether each row of models has a place for its name over all venues (path C)."""
    noted: Noted
    uncopied: str = ""
    """Why the database could not be copied: what would spoil it was not tried."""
    chain: str | None = None
    """Where the hash chain of the audit table breaks after the round trip; `None` where it does not."""
    halfway: tuple[Difference, ...] | None = None
    """What an upgrade that fails at its end leaves behind; `None` where it was not tried."""
    guard: Guard | None = None
    """What the upgrade refuses; `None` where it was not tried."""
    offline: Offline | None = None
    """The upgrade as SQL; `None` where it was not tried."""
    offline_back: Offline | None = None
    """The downgrade as SQL, on top of it."""
    traffic: Traffic | None = None
