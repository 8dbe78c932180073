"""
What the template of an activation is filled with: Python source, made from values. Nothing here reads or writes.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

from pytest_darkhost.catalog.names import (
    CatalogNames,
    HostNames,
    ModelNames,
    ProviderNames,
)
from pytest_darkhost.migrations.activations.found import Found, Referrer
from pytest_darkhost.migrations.activations.gates import SchemaPath
from pytest_darkhost.migrations.activations.python_text import block, column, in_docstring
from pytest_darkhost.migrations.activations.rows import LitRow
from pytest_darkhost.migrations.activations.table_text import (
    audit_source,
    column_source,
    source,
    table_source,
)
from pytest_darkhost.specs.models import Target

_VARIABLES = frozenset({"models", "hosts", "providers", "audit"})


@dataclass(frozen=True, slots=True)
class ActivationText:
    """The parts of the template that differ between activations. All but `inserted` and `audit` are source."""

    title: str
    place: str
    reasons: tuple[str, ...]
    """Lines of the docstring."""
    catalog_revision: str
    path: str
    below: str
    """The revision below, as a command line names it."""
    down_revision: str | None
    venue: str
    slug: str
    logical: str | None
    """The logical slug, where the source needs it."""
    declaration: str
    inserted: bool
    before: str
    after: str
    tables: tuple[str, ...]
    row: str
    """The variable of the table that holds the row."""
    table: str
    """The name of that table, for messages."""
    fixed: tuple[tuple[str, str], ...]
    """Columns that are the same before and after, and what they hold."""
    inserts: tuple[tuple[str, str], ...]
    """The same, with names of columns for an INSERT."""
    slug_column: str
    models_slug: str | None
    """Of a host: the condition on a row of models that has its slug, which it may not share."""
    slug_is: str
    """The condition on the slug."""
    referrers: tuple[str, ...]
    """Conditions of rows that refer to this one."""
    audit: bool


def activation_text(
    target: Target,
    path: SchemaPath,
    row: LitRow,
    found: Found,
    names: CatalogNames,
    *,
    place: str,
    below: str | None,
    reasons: Sequence[str] = (),
) -> ActivationText:
    """Return the parts for one activation on top of the revision `below`. See `Request` for the reasons."""
    host = isinstance(row.names, HostNames)
    variable = "hosts" if host else "models"
    referrers = found.referrers.get(row.names.table, ()) if row.inserted else ()
    # What others wrote of the row refers to it, although no foreign key says so.
    subject, actor = column("audit", names.audit.subject), column("audit", names.audit.actor)
    told = (f'{subject} == SLUG, {actor} != "alembic"',) if row.inserted and found.audited else ()
    inserts = tuple(_keys(row))
    return ActivationText(
        title=in_docstring(f"Activate {target.model.slug} on {target.venue.venue}."),
        place=in_docstring(place),
        reasons=tuple(map(in_docstring, reasons)),
        catalog_revision=found.catalog.revision or "no known revision",
        path=str(path),
        below=below or "base",
        down_revision=below,
        venue=target.venue.venue,
        slug=target.model.slug,
        logical=target.model.logical_slug if host else None,
        declaration=block(_declaration(target, row, names, audited=found.audited)),
        inserted=row.inserted,
        before=block(row.before),
        after=f"BEFORE | {block({name: row.after[name] for name in row.changed})}",
        tables=tuple(_tables(row, referrers, names, audited=found.audited)),
        row=variable,
        table=row.names.table,
        fixed=tuple((column(variable, name), expression) for name, expression in inserts),
        inserts=inserts,
        slug_column=column(variable, row.names.slug),
        models_slug=f"{column('models', names.models.slug)} == SLUG" if host else None,
        slug_is=f"{column(variable, row.names.slug)} == SLUG",
        referrers=(
            *(
                f"{column(_variable(each.table), each.column)} == {column(variable, each.refers_to)}"
                for each in referrers
            ),
            *told,
        ),
        audit=found.audited,
    )


def _declaration(target: Target, row: LitRow, names: CatalogNames, *, audited: bool) -> dict[str, object]:
    changed: dict[str, object] = {"table": row.names.table, "row": {row.names.slug: target.model.slug}}
    if not row.inserted:
        changed["columns"] = list(row.changed)
    appended: list[object] = [{"table": names.audit.table, "append": True}] if audited else []
    return {"activates": target.id, "changes": [changed, *appended], "guarded": True}


def _keys(row: LitRow) -> Iterator[tuple[str, str]]:
    """Yield the columns that tell the row from all others, with their values as source."""
    yield row.names.slug, "SLUG"
    if not isinstance(row.names, HostNames) and row.names.provider_slug:
        yield row.names.provider_slug, "VENUE"
    else:
        yield row.names.provider_id, "PROVIDER_ID"
    if isinstance(row.names, HostNames):
        yield row.names.model_id, "MODEL_ID"


def _reference(name: str, variable: str, table: ProviderNames | ModelNames, slug: str) -> str:
    """Return the assignment of a subquery for the id of the row that has a slug."""
    condition = f"{name} = {column(variable, table.slug)} == {slug}"
    return f"{condition}\n{name}_ID = sa.select({column(variable, table.id)}).where({name}).scalar_subquery()"


def _tables(row: LitRow, referrers: Sequence[Referrer], names: CatalogNames, *, audited: bool) -> Iterator[str]:
    """Yield the assignments of the tables that the source uses."""
    expressions = {expression for _, expression in _keys(row)}
    if "PROVIDER_ID" in expressions:
        yield table_source("providers", names.providers, {"id": names.providers.id, "slug": names.providers.slug})
    if "MODEL_ID" in expressions:
        yield table_source("models", names.models, {"id": names.models.id, "slug": names.models.slug})
    yield table_source(
        "hosts" if isinstance(row.names, HostNames) else "models", row.names, _row_columns(row, referrers)
    )
    for table in dict.fromkeys(each.table for each in referrers):
        schema, _, name = table.rpartition(".")
        columns = dict.fromkeys(each.column for each in referrers if each.table == table)
        yield source(_variable(table), name, [column_source("id", each) for each in columns], schema or None)
    if audited:
        yield audit_source(names.audit)
    yield "\n".join(_references(expressions, names))


def _references(expressions: Container[str], names: CatalogNames) -> Iterator[str]:
    if "PROVIDER_ID" in expressions:
        yield _reference("PROVIDER", "providers", names.providers, "VENUE")
    if "MODEL_ID" in expressions:
        yield _reference("MODEL", "models", names.models, "LOGICAL_SLUG")


def _row_columns(row: LitRow, referrers: Iterable[Referrer]) -> dict[str, str]:
    by_column = {getattr(row.names, each.name): each.name for each in fields(row.names) if each.name != "table"}
    wanted = dict.fromkeys((*(each.refers_to for each in referrers), *(name for name, _ in _keys(row)), *row.after))
    return {by_column.get(name, "id"): name for name in wanted}


def _variable(table: str) -> str:
    """Return a variable for a table that refers to the row."""
    name = re.sub(r"\W", "_", table)
    return name if name.isidentifier() and name not in _VARIABLES else f"{name}_rows"
