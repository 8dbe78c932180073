"""
Whether what was deployed is what spec and history say: one lit row, an unbroken audit chain, the right revision.

The database is only read. What makes a session that cannot write is told elsewhere (`catalog.session`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from pytest_darkhost.catalog.audit import audit_entries, chain_fault
from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.catalog.reader import catalog_on, read_from
from pytest_darkhost.catalog.rows import Catalog
from pytest_darkhost.catalog.tables import has_column
from pytest_darkhost.migrations.checks.activation import judge_row
from pytest_darkhost.migrations.declarations import Declaration
from pytest_darkhost.migrations.history import History
from pytest_darkhost.specs.models import Target
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a database holds at one moment."""

    catalog: Catalog
    audited: bool
    """Whether there is an audit table."""
    chain: str | None
    """Where its hash chain breaks; `None` where it does not."""
    names_models: bool
    """Whether each row of models has a place for its name over all venues (path C)."""


@dataclass(frozen=True, slots=True)
class Due:
    """What a history says that a database should be."""

    history: str
    """How the history is called: its ini file."""
    heads: tuple[str, ...]
    activations: Mapping[str, str]
    """Ids of revisions by the `venue/slug` that they activate."""


def read_deployment(url: str, names: CatalogNames, redact: Callable[[str], str]) -> Deployment:
    """Return what the database at `url` holds, read in one transaction that cannot write. Raises `CatalogError`."""
    return read_from(url, redact, lambda connection, location: _deployment(connection, names, location))


def due(history: History, declarations: Mapping[str, Declaration]) -> Due:
    """Return what a history says. Of several revisions that activate one target, the last counts."""
    said = {each.id: declarations[each.id].activates for each in history.revisions if each.id in declarations}
    return Due(
        history=history.place.shown,
        heads=history.heads,
        activations={target: revision for revision, target in said.items() if target is not None},
    )


def judge_deployed(target: Target, seen: Deployment, should: Due | None) -> Verdict:
    """
    Return whether a target is lit as it should be.

    A target that no revision activates and that is dark is not judged: nothing was deployed. Without a history, every
    target should be lit.
    """
    revision = should.activations.get(target.id) if should else None
    row = seen.catalog.model(target.model.slug)
    if should and revision is None and not (row and row.active):
        reason = f"it is dark, and no revision of {should.history} activates it"
        return NotJudged(ReasonCode.NOT_APPLICABLE, reason)
    expected = (
        "one active row, as its spec says, that the router enrols; the database at its head; the audit chain whole"
    )
    context = tuple(_context(seen, should, revision))
    faults = tuple(_faults(target, seen, should))
    if faults:
        return Failed(expected, "; ".join(faults), context)
    return Passed(expected, "the same", context)


def _deployment(connection: Connection, names: CatalogNames, location: str) -> Deployment:
    entries = audit_entries(connection, names.audit)
    return Deployment(
        catalog=catalog_on(connection, names, location),
        audited=entries is not None,
        chain=None if entries is None else chain_fault(entries),
        names_models=has_column(connection, names.models, names.models.logical_slug),
    )


def _faults(target: Target, seen: Deployment, should: Due | None) -> Iterator[str]:
    at = seen.catalog.revision
    if should and at != ",".join(sorted(should.heads)):
        heads = " and ".join(should.heads) or "no revision"
        yield f"the database is at {at or 'no revision'}, expected {heads}, the head of {should.history}"
    verdict = judge_row(seen.catalog, target.model.slug, target, names_models=seen.names_models)
    if isinstance(verdict, Failed):
        yield verdict.actual
    if seen.chain:
        yield f"the audit chain is broken: {seen.chain}"


def _context(seen: Deployment, should: Due | None, revision: str | None) -> Iterator[tuple[str, str]]:
    yield "database", f"{seen.catalog.location} at {seen.catalog.revision or 'no revision'}"
    if should and revision:
        yield "activated by", f"revision {revision} of {should.history}"
    if not seen.audited:
        yield "audit", "there is no audit table"
