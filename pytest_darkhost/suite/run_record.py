"""
The run's object in the JSON report: what its start decided (`origin`), and what came of it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pytest_darkhost.catalog.digests import providers_digest, row_digest
from pytest_darkhost.catalog.rows import Catalog
from pytest_darkhost.moments import rfc3339
from pytest_darkhost.suite.attempts import Attempts
from pytest_darkhost.suite.run import Run
from pytest_darkhost.suite.settings import NO_CATALOG
from pytest_darkhost.suite.tally import Spent, Tally

SCHEMA = "https://github.com/pytest-darkhost/pytest-darkhost/blob/main/docs/report.md#v1"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended, and what was only known then."""

    exit_status: int | None = None
    """`None` while it goes on."""
    interrupted: str | None = None
    vantages: tuple[Mapping[str, Any], ...] = ()
    attempts: Attempts = field(default_factory=Attempts)


def run_record(run: Run, origin: Mapping[str, Any], tally: Tally, spent: Spent, ending: Ending) -> dict[str, Any]:
    """Return the run's object; its texts are not cleaned."""
    live = [entry for entry in tally.entries.values() if entry.live]
    return {
        "schema": SCHEMA,
        "run_id": run.id,
        "truncated": False,
        "started_at": rfc3339(run.started_at),
        "finished_at": rfc3339(datetime.now(UTC)),
        "exit_status": ending.exit_status,
        "interrupted": ending.interrupted,
        "modes": dict(Counter(str(entry.data.get("mode")) for entry in tally.entries.values())),
        "verdicts": dict(Counter(str(entry.data.get("verdict", entry.outcome)) for entry in live)),
        "venues": sorted({str(venue) for entry in live if (venue := entry.data.get("venue"))}),
        "calls": spent.calls,
        "spent_usd": str(spent.total_usd),
        "reruns": ending.attempts.reruns,
        "duplicates": ending.attempts.duplicates,
        "catalog": catalog_record(run),
        "vantage": list(ending.vantages),
        **origin,
    }


def opening_record(run: Run, origin: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run's object as it is before the first call."""
    venues = sorted(spec["venue"] for spec in origin["specs"])
    return run_record(run, origin, Tally(), Spent(0, {}), Ending()) | {"finished_at": None, "venues": venues}


def catalog_record(run: Run) -> dict[str, Any]:
    """Return which catalog verdicts were compared with; what was not read is null."""
    catalog = run.read_catalog
    return {
        "source": _source(run),
        "location": run.redactor.clean(catalog.location) if catalog else None,
        "dialect": catalog.dialect if catalog else None,
        "server_version": catalog.server_version if catalog else None,
        "revision": catalog.revision if catalog else None,
        "providers_digest": {"sha256": providers_digest(catalog)} if catalog else None,
        "rows": list(_rows(run, catalog)) if catalog else None,
    }


def _rows(run: Run, catalog: Catalog) -> Iterator[dict[str, Any]]:
    """Yield the digest of what the catalog holds of each target that runs."""
    for loaded in run.running:
        for target in loaded.spec.targets:
            digest = row_digest(catalog, target.venue.venue, target.model.slug)
            yield {"name": target.id, "digest": {"sha256": digest}}


def _source(run: Run) -> str:
    if run.settings.catalog == NO_CATALOG:
        return "none"
    return "reference" if run.settings.catalog is None else "database"
