"""A history walked without pytest: the verdicts of all checks of one revision on one database."""

from collections.abc import Callable
from pathlib import Path

from pytest_darkhost.errors import DarkhostError
from pytest_darkhost.migrations.checks.registry import checks_of
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.declarations import read_declaration
from pytest_darkhost.migrations.history import load
from pytest_darkhost.migrations.ini import locate
from pytest_darkhost.migrations.itinerary import Itinerary, Rows
from pytest_darkhost.migrations.round_trip import NotReached
from pytest_darkhost.migrations.walk import Walk
from pytest_darkhost.specs.discovery import find_specs
from pytest_darkhost.specs.loader import load_venues
from pytest_darkhost.verdicts import Failed, NotJudged

HOST = (
    "INSERT INTO model_hosts (slug, model_id, provider_id, upstream_model, active)"
    " SELECT 'composed-host', m.id, p.id, 'acme/other', true FROM models m, providers p"
    " WHERE m.slug = 'gpt-oss-20b-groq' AND p.slug = 'novita'"
)
"""A row as production may have it: the further host of another model. Composed."""


TWIN = (
    "INSERT INTO models (slug, provider_id, upstream_model, brand, price_in_per_mtok_usd, price_out_per_mtok_usd,"
    " q_prior, m_allowed, active) SELECT 'twin', id, 'acme/new', 'openai', 0.15, 0.60, 0.83, true, false FROM providers"
    " WHERE slug = 'together'"
)
"""A dark row that differs from the new one in its slug alone. Composed."""


def twin_rows(after: str) -> Rows:
    """Return a row that looks like the one that is to be inserted, put in after a revision."""
    return Rows(after, lambda connection: connection.exec_driver_sql(TWIN) and None)


def host_rows(after: str) -> Rows:
    """Return a further host of another model, put in after a revision."""
    return Rows(after, lambda connection: connection.exec_driver_sql(HOST) and None)


def faults(
    root: Path, revision_id: str, database: str, open_server: Callable[[], Server], rows: Rows | None = None
) -> list[str]:
    """
    Return the checks that do not pass, each with what it says; empty if the round trip accepts the revision.

    `locks` is left out on MySQL, where it judges nothing, whatever the revision does.
    """
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
        rows=rows,
        targets={target.id: target for loaded in venues for target in loaded.spec.targets},
    )
    walk = Walk(lambda: itinerary, database, open_server)
    try:
        trip = walk.trip(revision_id)
        if isinstance(trip, NotReached):
            return [f"not reached: {trip.reason}"]
        verdicts = {check.name: check.judge(trip) for check in checks_of(said[revision_id], database)}
        if database == "mysql":
            del verdicts["locks"]
        return [f"{name}: {v}" for name, v in verdicts.items() if isinstance(v, (Failed, NotJudged))]
    except DarkhostError as error:
        return [f"walk: {error}"]
    finally:
        walk.close()
