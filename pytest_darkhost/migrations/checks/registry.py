"""
Which checks a revision has on which database.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_darkhost.migrations.checks import activation, audit, locks, standard, traffic
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.migrations.steps import Direction
from pytest_darkhost.verdicts import Verdict

if TYPE_CHECKING:
    from pytest_darkhost.migrations.declarations import Declaration


@dataclass(frozen=True, slots=True)
class TripCheck:
    """A pure function from a round trip to a verdict, and when it applies."""

    name: str
    judge: Callable[[RoundTrip], Verdict]
    direction: Direction = Direction.UP
    """Which function of the revision it is about."""
    of_activations: bool = False
    """Whether it is asked of revisions that light a model only."""
    databases: frozenset[str] = frozenset()
    """The kinds of database on which it is asked; empty: on each."""


STANDARD = (
    TripCheck("upgrade", standard.upgrade),
    TripCheck("row_exists", activation.row_exists, of_activations=True),
    TripCheck("untouched", standard.untouched),
    TripCheck("downgrade", standard.downgrade, Direction.DOWN),
    TripCheck("upgrade_again", standard.upgrade_again),
    TripCheck("downgrade_with_traffic", traffic.downgrade_with_traffic, Direction.DOWN, of_activations=True),
    TripCheck("upgrade_after_traffic", traffic.upgrade_after_traffic, of_activations=True),
    TripCheck("audit_chain", audit.audit_chain, of_activations=True),
    TripCheck("audit_entry", audit.audit_entry, of_activations=True),
    TripCheck("atomic", activation.atomic, of_activations=True),
    TripCheck("guarded", activation.guarded, of_activations=True),
    TripCheck("offline", activation.offline, of_activations=True),
    TripCheck("locks", locks.locks, databases=frozenset({"postgresql", "mysql"})),
)


def checks_of(declaration: "Declaration | None", database: str) -> Iterator[TripCheck]:
    """Yield the checks of a revision on a kind of database, in the order in which they are read."""
    lights = declaration is not None and declaration.activates is not None
    asked = (check for check in STANDARD if lights or not check.of_activations)
    return (check for check in asked if database in (check.databases or {database}))
