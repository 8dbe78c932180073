"""
What was seen of one revision on one database: up, down, up again, and what each of them changed. Runs nothing.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_darkhost.migrations.differences import Difference
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.steps import Step

if TYPE_CHECKING:
    from pytest_darkhost.migrations.declarations import Declaration
    from pytest_darkhost.migrations.lighting import Lighting
    from pytest_darkhost.migrations.lock_record import Holder, Lock


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """One revision on one database. What was not reached is `None`, or empty."""

    revision: Revision
    database: str
    """`sqlite`, `postgresql` or `mysql`."""
    declaration: "Declaration | None"
    append_only: frozenset[str]
    """Tables that may only grow."""
    strict_rows: bool
    """Whether an UPDATE or DELETE that touches no row is a failure here, not a warning."""
    upgrade: Step
    locks: "tuple[Lock, ...]" = ()
    """What the upgrade locked of what was there before (PostgreSQL)."""
    holders: "tuple[Holder, ...]" = ()
    """Other sessions for which the upgrade waited (PostgreSQL)."""
    changed: tuple[Difference, ...] = ()
    """What the upgrade changed."""
    downgrade: Step | None = None
    left: tuple[Difference, ...] = ()
    """In what the database after the downgrade differs from what it was before the upgrade."""
    again: Step | None = None
    parted: tuple[Difference, ...] = ()
    """In what the database after the second upgrade differs from what it was after the first."""
    generated: frozenset[str] = frozenset()
    """Columns that the database fills by itself, as `table.column`: keys, references to them, computed defaults."""
    lighting: "Lighting | None" = None
    """What was seen of an activation besides."""

    @property
    def is_activation(self) -> bool:
        """Whether the revision lights a model."""
        return self.declaration is not None and self.declaration.activates is not None

    @property
    def steps(self) -> tuple[Step, ...]:
        """What was run, in order."""
        return tuple(filter(None, (self.upgrade, self.downgrade, self.again)))


@dataclass(frozen=True, slots=True)
class NotReached:
    """A revision that was not run, because one that it builds on failed, or because there is no database."""

    code: str
    """A `ReasonCode`."""
    reason: str
