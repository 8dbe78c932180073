"""
The database that production reads: reachable, read-only, at which revision, and with which rows.
"""

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pytest_darkhost import variables
from pytest_darkhost.commands.doctor.finding import Finding, fine, note
from pytest_darkhost.commands.environment import known_keys
from pytest_darkhost.specs.loader import LoadedVenue
from pytest_darkhost.suite.settings import NO_CATALOG, Settings

if TYPE_CHECKING:
    from pytest_darkhost.catalog.rows import Catalog

_AREA = "catalog"


def findings(settings: Settings, venues: Sequence[LoadedVenue]) -> Iterator[Finding]:
    """
    Yield what the catalog says of itself, and which specs have no row in it.

    :raises CatalogError: it cannot be read.
    """
    if settings.catalog is None or settings.catalog == NO_CATALOG:
        yield _unnamed(settings, venues)
        return
    from pytest_darkhost.catalog.names import parse_names
    from pytest_darkhost.catalog.reader import read_catalog

    names = parse_names(settings.catalog_names)
    catalog = read_catalog(settings.catalog, names, known_keys(venues, os.environ).clean)
    dark = sum(not row.active for row in catalog.models)
    revision = f"at {catalog.revision}" if catalog.revision else "at no Alembic revision"
    rows = f"{len(catalog.providers)} providers, {len(catalog.models)} models, {dark} of them dark"
    yield fine(_AREA, f"{catalog.location} {revision}: {rows}")
    hosted = [each.spec for each in venues if not each.spec.managed]
    if absent := [spec.venue for spec in hosted if catalog.provider(spec.venue) is None]:
        yield note(_AREA, f"no row in providers: {', '.join(absent)}", "pytest -m parity says what differs")
    if unproved := sorted(_without_spec(catalog, venues)):
        text = f"{len(unproved)} dark models have no spec: {', '.join(unproved)}"
        yield note(_AREA, text, "darkhost new venue NAME --from-catalog")


def _without_spec(catalog: "Catalog", venues: Sequence[LoadedVenue]) -> Iterator[str]:
    known = {model.slug for each in venues for model in each.spec.models}
    yield from (row.slug for row in catalog.models if not row.active and row.slug not in known)


def _unnamed(settings: Settings, venues: Sequence[LoadedVenue]) -> Finding:
    if settings.catalog == NO_CATALOG:
        return note(_AREA, "none, as the settings say: base URLs are compared with nothing", "name the database")
    if all(each.spec.managed for each in venues):
        return fine(_AREA, "none named: the reference catalog is used, which is all that local venues need")
    to_do = f"set {variables.CATALOG_URL}, or darkhost_catalog in the ini file; '{NO_CATALOG}' for no comparison"
    return note(_AREA, "none named: a live run of a hosted venue is refused", to_do)
