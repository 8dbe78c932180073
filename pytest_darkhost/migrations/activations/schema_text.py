"""
What the templates of the schema revisions are filled with: a table of hosts (path B), a logical slug (path C).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from pytest_darkhost.catalog.names import CatalogNames, HostNames, bare_name, schema_of
from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.activations.found import Found
from pytest_darkhost.migrations.activations.gates import SchemaPath
from pytest_darkhost.migrations.activations.python_text import quoted

TEMPLATES: Mapping[SchemaPath, str] = {SchemaPath.B: "hosts", SchemaPath.C: "logical"}


@dataclass(frozen=True, slots=True)
class SchemaText:
    """The parts of both templates that differ between catalogs."""

    below: str
    down_revision: str | None
    models: str
    """The table, qualified as the catalog names it."""
    models_name: str
    models_id: str
    providers_id: str
    model_id_type: str
    """Source of the type that a reference to a model has."""
    provider_id_type: str
    column: str
    schema_argument: str
    hosts: str = "model_hosts"

    @property
    def message(self) -> str:
        """What Alembic makes the file's name from."""
        return self.column if not self.model_id_type else self.hosts


def needs_schema(path: SchemaPath, found: Found, names: CatalogNames) -> bool:
    """Return whether the catalog lacks what a path needs."""
    if path is SchemaPath.B:
        return not found.hosts
    return path is SchemaPath.C and names.models.logical_slug not in found.models


def schema_text(path: SchemaPath, found: Found, names: CatalogNames, below: str | None) -> SchemaText:
    """Return the parts for the revision that adds what the path needs. Raises `UsageError` where we cannot write it."""
    host = path is SchemaPath.B
    if host and names.hosts != HostNames():
        msg = (
            "the names of 'hosts' are mapped, but there is no such table, expected one, or no mapping: it is made here"
        )
        raise UsageError(msg)
    if host and names.models.provider_slug:
        msg = "models name their provider by its slug, expected an id on path B: write the table of hosts yourself"
        raise UsageError(msg)
    schema = schema_of(names.models)
    return SchemaText(
        below=below or "base",
        down_revision=below,
        models=names.models.table,
        models_name=bare_name(names.models),
        models_id=f"{names.models.table}.{names.models.id}",
        providers_id=f"{names.providers.table}.{names.providers.id}",
        model_id_type=_type(found, names.models.id) if host else "",
        provider_id_type=_type(found, names.models.provider_id) if host else "",
        column=names.models.logical_slug,
        schema_argument=f", schema={quoted(schema)}" if schema else "",
    )


def _type(found: Found, name: str) -> str:
    """Return the source of a column's type, as a reference to it needs it."""
    if name not in found.models:
        msg = f"models has no column {name!r}, expected one that hosts can refer to"
        raise UsageError(msg)
    kind: Any = found.models[name].type
    for known in (sa.BigInteger, sa.SmallInteger, sa.Integer, sa.Uuid):
        if isinstance(kind, known):
            return f"sa.{known.__name__}()"
    if isinstance(kind, sa.String):
        return f"sa.String({kind.length or ''})"
    msg = f"models.{name} is of type {kind}, expected an integer, a UUID or text. Write the table of hosts yourself"
    raise UsageError(msg)
