"""
The checks of a revision that lights a model: the row is what the spec says, and going dark again survives traffic.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pytest_darkhost.catalog.rows import Catalog, ModelRow
from pytest_darkhost.migrations.checks.audit import fault_of_sql
from pytest_darkhost.migrations.checks.comparing import printed_otherwise
from pytest_darkhost.migrations.checks.standard import downgrade_failed, upgrade_failed
from pytest_darkhost.migrations.checks.wording import differing
from pytest_darkhost.migrations.lighting import Offline
from pytest_darkhost.migrations.round_trip import RoundTrip
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, ReasonCode, Verdict

if TYPE_CHECKING:
    from pytest_darkhost.specs.models import Target

_SAME_PRIOR = 1e-9
_NEAR = 3
_COMMITTING = frozenset({"CREATE", "ALTER", "DROP", "RENAME", "TRUNCATE", "GRANT", "REVOKE"})
"""Verbs of statements before which MySQL and MariaDB commit, whatever comes of them."""


def row_exists(trip: RoundTrip) -> Verdict:
    """Return whether the activated row is there exactly once, with every value of the spec, active and enrolled."""
    if trip.lighting is None:
        return upgrade_failed(trip)
    seen = trip.lighting
    return judge_row(seen.catalog, seen.slug, seen.target, names_models=seen.names_models)


def judge_row(catalog: Catalog | str, slug: str, target: "Target | None", *, names_models: bool) -> Verdict:
    """
    Return whether a catalog has the row of a slug exactly once, as its spec says, active and enrolled.

    :param catalog: the catalog, or why it cannot be read.
    :param names_models: whether each row of models has a place for its name over all venues (path C).
    """
    expected = f"one active row {slug!r}, as its spec says, that the router enrols"
    if isinstance(catalog, str):
        return Failed(expected, catalog)
    if target is None:
        return Failed(expected, f"no spec file has a model {slug!r}, so that there is nothing to compare the row with")
    rows = [row for row in catalog.models if row.slug == slug]
    if len(rows) != 1:
        return Failed(expected, f"{len(rows)} rows {slug!r}" if rows else f"no row {slug!r}{near_rows(slug, catalog)}")
    faults = [*_faults(rows[0], target), *_gates(rows[0])]
    said = rows[0].logical_slug
    if target.model.logical_slug not in {None, said} and (names_models or said is not None):
        faults.append(f"logical_slug: spec {target.model.logical_slug}, row {said or 'NULL'}")
    if faults:
        return Failed(expected, "; ".join(faults))
    return Passed(expected, "the same")


def near_rows(slug: str, catalog: Catalog) -> str:
    """Return `; rows: 'together', …` with the slugs that are most like one that is not there."""
    there = [row.slug for row in catalog.models]
    near = get_close_matches(slug, there, n=_NEAR, cutoff=0.5) or there[:_NEAR]
    return f"; rows: {', '.join(map(repr, near))}" if near else "; there are no rows"


def _faults(row: ModelRow, target: "Target") -> Iterator[str]:
    model = target.model
    pairs = (
        ("provider", target.venue.venue, row.provider_slug),
        ("upstream_model", model.upstream_model, row.upstream_model),
        ("price_in_per_mtok_usd", model.price.in_per_mtok_usd, row.price_in_per_mtok_usd),
        ("price_out_per_mtok_usd", model.price.out_per_mtok_usd, row.price_out_per_mtok_usd),
        ("brand", model.brand, model.brand if row.brand is None else row.brand),
        ("m_allowed", model.m_allowed, row.m_allowed),
        ("active", True, row.active),
    )
    for column, wanted, found in pairs:
        if wanted != found:
            yield f"{column}: spec {wanted}, row {'NULL' if found is None else found}"
    if not _same_prior(model.q_prior, row.q_prior):
        yield f"q_prior: spec {model.q_prior}, row {'NULL' if row.q_prior is None else row.q_prior}"


def _same_prior(wanted: float | None, found: float | None) -> bool:
    if wanted is None or found is None:
        return wanted is found
    return abs(wanted - found) <= _SAME_PRIOR


def _gates(row: ModelRow) -> Iterator[str]:
    """Yield the gates of the router that the row does not pass."""
    if row.price_in_per_mtok_usd is None or row.price_out_per_mtok_usd is None:
        yield "not enrolled: it has no price"
    if row.q_prior is None:
        yield "not enrolled: it has no q_prior"
    if row.m_allowed is not True:
        yield "not enrolled: m_allowed is not true"


def atomic(trip: RoundTrip) -> Verdict:
    """Return whether an upgrade that fails at its end leaves nothing behind."""
    expected = "nothing left of an upgrade that fails at its end"
    if trip.lighting is None:
        return upgrade_failed(trip)
    left = trip.lighting.halfway
    if left is None:
        return downgrade_failed(trip)
    schema = [each.kind != "row" for each in left]
    committed = any(schema) or any(each.verb in _COMMITTING for each in trip.upgrade.statements)
    if (trip.database == "mysql" and left and committed) or (trip.database == "sqlite" and left and all(schema)):
        return NotJudged(ReasonCode.NO_TRANSACTIONAL_DDL, f"{trip.database} commits changes of the schema at once")
    return differing(expected, left, trip) if left else Passed(expected, "nothing")


def guarded(trip: RoundTrip) -> Verdict:
    """
    Return whether the upgrade refuses a row that is not as it was when the activation was written.

    One that does not claim to be guarded is told what it goes through with, and not judged.
    """
    expected = "an upgrade that refuses a row which is not as it was written down"
    if trip.lighting is None:
        return upgrade_failed(trip)
    seen = trip.lighting.guard
    if seen is None and trip.lighting.target is None:
        return NotJudged(ReasonCode.NOT_APPLICABLE, f"no spec file has a model {trip.lighting.slug!r}")
    if seen is None:
        return downgrade_failed(trip)
    if seen.unguarded and trip.declaration and trip.declaration.guarded:
        return Failed(expected, f"it went through with {seen.unguarded}", (("database", trip.database),))
    if seen.unguarded:
        lights = " and lights nothing" if seen.dark else ""
        said = f"it goes through with {seen.unguarded}{lights}, and does not say that it refuses (guarded)"
        return NotJudged(ReasonCode.UNDECLARED, said)
    return Passed(expected, f"refused: {'; '.join(seen.tried)}")


def offline(trip: RoundTrip) -> Verdict:
    """Return whether the SQL that `--sql` prints gives the same both ways, run without Alembic."""
    if trip.lighting is None:
        return upgrade_failed(trip)
    up, back = trip.lighting.offline, trip.lighting.offline_back
    if up is None:
        return downgrade_failed(trip)
    fault = _fault_offline("upgrade", up, trip) or (_fault_offline("downgrade", back, trip) if back else None)
    return fault or Passed("the SQL of 'alembic upgrade --sql' to give what the upgrade gives", "the same")


def _fault_offline(way: str, seen: Offline, trip: RoundTrip) -> Failed | NotJudged | None:
    expected = f"the SQL of 'alembic {way} --sql' to give what the {way} gives"
    if seen.unprinted:
        return NotJudged(ReasonCode.NO_SQL, f"there is no SQL of the {way}: {seen.unprinted}")
    fault = fault_of_sql(trip, seen)
    if fault:
        return Failed(expected, fault, (("database", trip.database),))
    parted = printed_otherwise(trip, seen.parted)
    return differing(expected, parted, trip) if parted else None
