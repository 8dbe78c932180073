"""
Why an activation is refused before anything is written. Pure: from a spec and what a catalog holds.
"""

from collections.abc import Iterator
from enum import StrEnum

from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.catalog.rows import ModelRow
from pytest_darkhost.migrations.activations.found import Found
from pytest_darkhost.specs.messages import near
from pytest_darkhost.specs.models import ModelSpec, Target


class SchemaPath(StrEnum):
    """How one logical model stands on several hosts. The founder says which: it is recorded, never assumed."""

    A = "A"
    """A row per venue, with a slug of its own."""
    B = "B"
    """A row of `model_hosts` for each further host of a model."""
    C = "C"
    """Path A, and `models.logical_slug` for aggregates over venues."""


def closed_gates(model: ModelSpec) -> tuple[str, ...]:
    """Return the gates of enrolment that a spec leaves closed: the router takes a row with price, prior and verdict."""
    verdict = "false" if model.m_allowed is False else "absent"
    gates = {
        "q_prior (absent: measure it, a prior is never made up)": model.q_prior is None,
        f"m_allowed ({verdict}: a missing verdict gates out, as false does)": model.m_allowed is not True,
    }
    return tuple(gate for gate, closed in gates.items() if closed)


def refusals(target: Target, path: SchemaPath, found: Found, names: CatalogNames) -> Iterator[str]:
    """Yield each reason for which the activation must not be written: `<what is>, <what was expected>`."""
    model, venue = target.model, target.venue.venue
    for gate in closed_gates(model):
        yield f"the router would not enrol the row: {gate}, expected it in the spec"
    if found.catalog.provider(venue) is None:
        slugs = [row.slug for row in found.catalog.providers]
        yield f"{names.providers.table} has no row {venue!r}, expected one of {', '.join(slugs)}{near(venue, slugs)}"
    if path is not SchemaPath.A and model.logical_slug is None:
        yield f"the spec has no 'logical_slug', expected one on path {path}: the model's name over all venues"
    elif path is SchemaPath.B:
        yield from _of_host(target, found, names)
    yield from _of_row(target, path, found, names)


def _of_host(target: Target, found: Found, names: CatalogNames) -> Iterator[str]:
    """Yield what is wrong with the model that a further host is to be added to."""
    logical, venue = target.model.logical_slug or "", target.venue.venue
    parent = found.catalog.model(logical)
    if parent is None:
        slugs = [row.slug for row in found.catalog.models]
        yield f"{names.models.table} has no row {logical!r} to add a host to, expected one{near(logical, slugs)}"
    elif parent.provider_slug == venue:
        yield f"{logical!r} is on {venue!r} in {names.models.table} already, expected another venue. Light it by path A"
    elif parent.brand not in {None, target.model.brand}:
        brand = f"brand {target.model.brand!r} in the spec is {parent.brand!r} of {logical!r}"
        yield f"{brand}, expected one: a host has none of its own"
    elif logical == target.model.slug:
        own = f"{logical}-{venue}"
        yield f"slug and logical_slug are both {logical!r}, expected a slug of the host's own, such as {own!r}"


def _of_row(target: Target, path: SchemaPath, found: Found, names: CatalogNames) -> Iterator[str]:
    """Yield what is wrong with the row that is there already."""
    row = found.catalog.model(target.model.slug)
    if row is None:
        return
    slug, venue = target.model.slug, target.venue.venue
    if row.provider_slug != venue:
        owner = repr(row.provider_slug) if row.provider_slug else "no provider"
        yield (
            f"{names.models.table} has a row {slug!r} of {owner}, expected a slug that no other provider has: "
            f"uq_models_slug holds over all of them. Name it {_suffixed(slug, venue)!r} in the spec"
        )
    elif row.active:
        yield f"the row {slug!r} is active already, expected a dark one. 'pytest -m deployed' says whether it is right"
    elif (path is SchemaPath.B) != _is_host(row, found):
        table = names.hosts.table if _is_host(row, found) else names.models.table
        yield f"{slug!r} is a row of {table}, expected none there on path {path}. Take the other path, or another slug"


def _is_host(row: ModelRow, found: Found) -> bool:
    return row.slug in found.host_slugs


def _suffixed(slug: str, venue: str) -> str:
    return slug if slug.endswith(f"-{venue}") else f"{slug}-{venue}"
