"""
From a request to revisions: reads the catalog, and refuses what must not be lit. It writes nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_darkhost.catalog.names import CatalogNames
from pytest_darkhost.catalog.reader import read_from
from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.activations.files import Draft, History, history
from pytest_darkhost.migrations.activations.found import Found, found_in
from pytest_darkhost.migrations.activations.gates import SchemaPath, refusals
from pytest_darkhost.migrations.activations.rows import LitRow, lit_row, missing_columns, unfilled_columns
from pytest_darkhost.migrations.activations.schema_text import TEMPLATES, needs_schema, schema_text
from pytest_darkhost.migrations.activations.text import activation_text
from pytest_darkhost.specs.models import Target
from pytest_darkhost.specs.named import NamedTarget

NO_AUDIT, BEHIND_HEAD = "no_audit", "behind_head"
ACCEPTABLE = (NO_AUDIT, BEHIND_HEAD)
"""What a human may accept: a catalog without an audit table, or one that is not at the head of the history."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for."""

    named: NamedTarget
    path: SchemaPath
    catalog: str = field(repr=False)
    """A database URL. It is opened read-only."""
    ini: Path
    names: CatalogNames
    accepted: frozenset[str] = frozenset()
    revision: str | None = None
    """The id of the activation; `None`: the next one."""
    reasons: tuple[str, ...] = ()
    """What the revision's docstring says of why it was written: sentences."""


def drafts(request: Request) -> tuple[History, tuple[Draft, ...]]:
    """
    Return the history and the revisions to put on top of it: the activation, behind a schema revision if it needs one.

    :raises UsageError: the spec, the catalog or the history does not serve.
    :raises CatalogError: the catalog cannot be read.
    """
    target, place = request.named.target, request.named.place
    onto = history(request.ini)
    found = read_from(request.catalog, str, lambda connection, where: found_in(connection, request.names, where))
    row = lit_row(target.model, request.path, found, request.names)
    reasons = (*_reasons(request, target, found, row), *_acceptable(request, found, onto))
    if reasons:
        raise UsageError("\n".join(f"{place}: {target.model.slug}: {reason}" for reason in reasons))
    return onto, tuple(_drafts(request, target, row, found, onto))


def _reasons(request: Request, target: Target, found: Found, row: LitRow) -> Iterator[str]:
    """Yield why the row must not be lit, whoever asks for it."""
    yield from refusals(target, request.path, found, request.names)
    for name in missing_columns(request.path, found, request.names):
        yield f"{request.names.models.table} has no column {name!r}, expected it: the router reads it"
    if row.inserted and not (request.path is SchemaPath.B and not found.hosts):
        yield from _unfilled(request, found, row)
    if found.audit_fault:
        yield f"the chain of {request.names.audit.table} is broken ({found.audit_fault}), expected one to continue"


def _unfilled(request: Request, found: Found, row: LitRow) -> Iterator[str]:
    own, there = request.names.models, found.models
    keys = {own.slug, own.provider_id, own.provider_slug}
    if request.path is SchemaPath.B:
        hosts, there = request.names.hosts, found.hosts
        keys = {hosts.slug, hosts.provider_id, hosts.model_id}
    for name in unfilled_columns(row, frozenset(keys), there):
        yield (
            f"{row.names.table}.{name} may not be NULL and has no default, expected columns that a spec can fill. "
            "Insert the dark row first, then activate it"
        )


def _acceptable(request: Request, found: Found, onto: History) -> Iterator[str]:
    """Yield what a human may accept, and has not."""
    if not found.audited and NO_AUDIT not in request.accepted:
        table = request.names.audit.table
        yield f"the catalog has no table {table!r}, expected one that notes the activation. Or --accept {NO_AUDIT}"
    if found.catalog.revision != onto.head and BEHIND_HEAD not in request.accepted:
        where, head = found.catalog.revision or "no revision", onto.head or "base"
        yield (
            f"the catalog is at {where}, expected {head}, the head: what is read now must be what the revision finds. "
            f"Upgrade it, or --accept {BEHIND_HEAD}"
        )


def _drafts(request: Request, target: Target, row: LitRow, found: Found, onto: History) -> Iterator[Draft]:
    needed = needs_schema(request.path, found, request.names)
    *before, own = onto.next_ids(2 if needed else 1)
    if request.revision in onto.ids:
        msg = f"--revision {request.revision}: the history has it, expected a new id such as {own}"
        raise UsageError(msg)
    below = onto.head
    if needed:
        schema = schema_text(request.path, found, request.names, below)
        yield Draft(before[0], TEMPLATES[request.path], schema.message, {"s": schema})
        below = before[0]
    text = activation_text(
        target,
        request.path,
        row,
        found,
        request.names,
        place=request.named.place,
        below=below,
        reasons=request.reasons,
    )
    message = "_".join(re.findall(r"\w+", f"activate {target.model.slug}")).lower()
    yield Draft(request.revision or own, "activation", message, {"a": text})


def next_step(files: Sequence[Path]) -> str:
    """Return what a person does next."""
    return f"Review {' and '.join(map(str, files))}, then try it: pytest -m migration"
