"""Composed evidence of a target of `support.activations`, as a live run of its venue would have left it."""

from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from pytest_darkhost.catalog.digests import row_digest
from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.catalog.reader import read_catalog
from pytest_darkhost.specs.loader import load_venue
from support import evidence

VENUE = "together"
HOST = "https://api.together.ai"
CHECKS = ("chat_shape", "latency_warm", "base_url_parity")
OF_VENUE = ("model_listed", "refused_key")
FILE = "venue_specs/together.yaml"


def yesterday(run=1):
    """Return a moment at which a run may have been that is believed today; runs are minutes apart."""
    return datetime.now(UTC) - timedelta(days=1) + timedelta(minutes=run)


def node_id(check, slug):
    """Return the id of a live check of a target, or of its venue."""
    return f"{FILE}::{check}[live]" if slug is None else f"{FILE}::{slug}::{check}[live]"


def call(run, number, at, slug, **changes):
    """Return the record of a call."""
    owner = VENUE if slug is None else f"{VENUE}/{slug}"
    named = {"probe": f"{owner}/chat[{number}]", "url.full": f"{HOST}/v1/chat/completions", "key": "venue"}
    return evidence.probe(f"{run}-{slug}", number, at) | named | changes


def judged(check, slug, *probes, make=evidence.passed, **changes):
    """Return a test of a target, or of its venue where there is no slug."""
    return make(check, *probes, venue=VENUE, model=slug, **changes) | {"nodeid": node_id(check, slug)}


def tests_of(slugs, run, at):
    """Return the tests of a run in which all is well."""
    for slug in slugs:
        for number, check in enumerate(CHECKS, 1):
            yield judged(check, slug, call(run, number, at, slug))
    refused = call(run, 1, at, None, key="refused", **{"error.type": "auth_refused", "http.response.status_code": 401})
    for check in OF_VENUE:
        yield judged(check, None, refused | {"gen_ai.response.id": None, "gen_ai.operation.name": "list_models"})


def ids_of(slugs):
    """Return the plan of a spec with these models."""
    return [node_id(check, slug) for slug in slugs for check in CHECKS] + [node_id(each, None) for each in OF_VENUE]


def rows_of(url, slugs):
    """Return what a catalog holds of these models, as the report has it."""
    catalog = read_catalog(url.render_as_string(hide_password=False), CatalogNames(), str)
    return [{"name": f"{VENUE}/{slug}", "digest": {"sha256": row_digest(catalog, VENUE, slug)}} for slug in slugs]


def report(root, url, slugs, run=1, at=None, tests=None, **changes):
    """Return the report of a run on the specs and the catalog that are there now."""
    at = at or yesterday(run)
    loaded = load_venue(root / FILE, root)
    usual = evidence.record(run)
    spec = {"name": FILE, "digest": {"sha256": loaded.digest}, "venue": VENUE, "base_url": HOST, "managed": False}
    made = {
        "venues": [VENUE],
        "plan": evidence.plan(ids_of(slugs)),
        "specs": [spec],
        "configuration": [{"name": FILE, "digest": {"sha256": loaded.digest}}],
        "catalog": usual["catalog"] | {"rows": rows_of(url, slugs)},
        "invocation": usual["invocation"] | {"packages": {"pytest-darkhost": version("pytest-darkhost")}},
    }
    found = list(tests_of(slugs, run, at)) if tests is None else tests
    return evidence.report(run, found, at, **{**made, **changes})
