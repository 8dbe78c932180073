"""A history walked without pytest: the verdicts of all checks of one revision on one database."""

from collections.abc import Callable
from pathlib import Path

from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.migrations.checks.registry import checks_of
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.declarations import read_declaration
from pytest_darkhost.migrations.history import load
from pytest_darkhost.migrations.ini import locate
from pytest_darkhost.migrations.itinerary import Itinerary
from pytest_darkhost.migrations.round_trip import NotReached
from pytest_darkhost.migrations.walk import Walk
from pytest_darkhost.specs.discovery import find_specs
from pytest_darkhost.specs.loader import load_venues
from pytest_darkhost.verdicts import Failed, NotJudged


def faults(root: Path, revision_id: str, database: str, open_server: Callable[[], Server]) -> list[str]:
    """Return the checks that do not pass, each with what it says; empty if the round trip accepts the revision."""
    try:
        history = load(locate(root / "alembic.ini", root), root)
        said = {each.id: read_declaration(each.path, each.shown) for each in history.revisions}
    except DarkhostError as error:
        return [f"history: {error}"]
    venues = load_venues(find_specs([root / "venue_specs"]), root)
    itinerary = Itinerary(
        history=history,
        wanted=frozenset({revision_id}),
        declarations={key: value for key, value in said.items() if value},
        targets={target.id: target for loaded in venues for target in loaded.spec.targets},
    )
    walk = Walk(lambda: itinerary, database, open_server)
    try:
        trip = walk.trip(revision_id)
        if isinstance(trip, NotReached):
            return [f"not reached: {trip.reason}"]
        verdicts = {check.name: check.judge(trip) for check in checks_of(said[revision_id], database)}
        return [f"{name}: {v}" for name, v in verdicts.items() if isinstance(v, (Failed, NotJudged))]
    except DarkhostError as error:
        return [f"walk: {error}"]
    finally:
        walk.close()
