"""
Which checks a revision has on which database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from pytest_darkhost.migrations.steps import Direction

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_darkhost.migrations.declarations import Declaration
    from pytest_darkhost.migrations.round_trip import RoundTrip
    from pytest_darkhost.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class TripCheck:
    """A pure function from a round trip to a verdict, and when it applies."""

    name: str
    """That of the function, too."""
    module: str
    """Where the function is. Imported when it judges: most histories have no activation."""
    direction: Direction = Direction.UP
    """Which function of the revision it is about."""
    of_activations: bool = False
    """Whether it is asked of revisions that light a model only."""
    databases: frozenset[str] = frozenset()
    """The kinds of database on which it is asked; empty: on each."""

    def judge(self, trip: "RoundTrip") -> "Verdict":
        """Return the verdict."""
        judge: Callable[[RoundTrip], Verdict] = getattr(import_module(f"{__package__}.{self.module}"), self.name)
        return judge(trip)


STANDARD = (
    TripCheck("upgrade", "standard"),
    TripCheck("row_exists", "activation", of_activations=True),
    TripCheck("untouched", "standard"),
    TripCheck("downgrade", "standard", Direction.DOWN),
    TripCheck("upgrade_again", "standard"),
    TripCheck("downgrade_with_traffic", "traffic", Direction.DOWN, of_activations=True),
    TripCheck("upgrade_after_traffic", "traffic", of_activations=True),
    TripCheck("audit_chain", "audit", of_activations=True),
    TripCheck("audit_entry", "audit", of_activations=True),
    TripCheck("atomic", "activation", of_activations=True),
    TripCheck("guarded", "activation", of_activations=True),
    TripCheck("offline", "activation", of_activations=True),
    TripCheck("locks", "locks", databases=frozenset({"postgresql", "mysql"})),
)


def checks_of(declaration: "Declaration | None", database: str) -> Iterator[TripCheck]:
    """Yield the checks of a revision on a kind of database, in the order in which they are read."""
    lights = declaration is not None and declaration.activates is not None
    asked = (check for check in STANDARD if lights or not check.of_activations)
    return (check for check in asked if database in (check.databases or {database}))
