"""
What a database calls the tables and columns of a catalog, and the ini lines that say so. Nothing here knows SQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TypeAlias, TypeVar

from pytest_darkhost.errors import UsageError

INI = "darkhost_catalog_names"
_EXAMPLE = "'providers = vendors' or 'models.slug = key'"


@dataclass(frozen=True, slots=True)
class ProviderNames:
    """The table of providers and its columns. Every field but `table` is a column."""

    table: str = "providers"
    """May be qualified by a schema: `routing.providers`."""
    id: str = "id"
    slug: str = "slug"
    base_url: str = "base_url"
    name: str = "name"


@dataclass(frozen=True, slots=True)
class ModelNames:
    """The table of models and its columns. Every field but `table` is a column."""

    table: str = "models"
    """May be qualified by a schema: `routing.models`."""
    id: str = "id"
    """Read only where there is a table of hosts, which refers to it."""
    slug: str = "slug"
    provider_id: str = "provider_id"
    """Refers to `providers.id`."""
    provider_slug: str = ""
    """A column that holds the provider's slug itself; where it is named, `provider_id` is not read."""
    upstream_model: str = "upstream_model"
    price_in_per_mtok_usd: str = "price_in_per_mtok_usd"
    price_out_per_mtok_usd: str = "price_out_per_mtok_usd"
    active: str = "active"
    brand: str = "brand"
    q_prior: str = "q_prior"
    m_allowed: str = "m_allowed"
    logical_slug: str = "logical_slug"
    """What the model is called over all venues (path C)."""


@dataclass(frozen=True, slots=True)
class HostNames:
    """The table of further hosts of a model, where there is one (path B). Every field but `table` is a column."""

    table: str = "model_hosts"
    slug: str = "slug"
    """Unique over hosts and models: it is what a spec names."""
    model_id: str = "model_id"
    provider_id: str = "provider_id"
    upstream_model: str = "upstream_model"
    price_in_per_mtok_usd: str = "price_in_per_mtok_usd"
    price_out_per_mtok_usd: str = "price_out_per_mtok_usd"
    active: str = "active"
    q_prior: str = "q_prior"
    m_allowed: str = "m_allowed"


@dataclass(frozen=True, slots=True)
class AuditNames:
    """The append-only, hash-chained table of what was done. Every field but `table` is a column."""

    table: str = "audit_log"
    seq: str = "seq"
    at: str = "at"
    actor: str = "actor"
    action: str = "action"
    subject: str = "subject"
    payload: str = "payload"
    previous_hash: str = "previous_hash"
    hash: str = "hash"


@dataclass(frozen=True, slots=True)
class OutcomeNames:
    """The table of what was served and what happened. Its columns are found by its foreign keys."""

    table: str = "routing_outcomes"


@dataclass(frozen=True, slots=True)
class CatalogNames:
    """All names of one catalog."""

    providers: ProviderNames = field(default_factory=ProviderNames)
    models: ModelNames = field(default_factory=ModelNames)
    hosts: HostNames = field(default_factory=HostNames)
    audit: AuditNames = field(default_factory=AuditNames)
    outcomes: OutcomeNames = field(default_factory=OutcomeNames)


Names = TypeVar("Names", ProviderNames, ModelNames, HostNames, AuditNames, OutcomeNames)
TableNames: TypeAlias = ProviderNames | ModelNames | HostNames | AuditNames | OutcomeNames


def known_names() -> tuple[str, ...]:
    """Return what may stand left of `=`: `providers`, `providers.id`, …, `outcomes`."""
    tables = {each.name: type(getattr(CatalogNames(), each.name)) for each in fields(CatalogNames)}
    return tuple(key for table, names in tables.items() for key in _keys(table, names))


def schema_of(names: TableNames) -> str | None:
    """Return the schema of a qualified table name: everything before its last dot."""
    return names.table.rpartition(".")[0] or None


def bare_name(names: TableNames) -> str:
    """Return the name of a table without its schema."""
    return names.table.rpartition(".")[2]


def parse_names(lines: Sequence[str]) -> CatalogNames:
    """
    Return the names that lines such as `providers = routing.vendors` and `models.slug = key` give.

    Blank lines and lines that begin with `#` are left out. Raises `UsageError` for a line that is not `name = name`,
    an unknown name and one that is given twice.
    """
    given: dict[str, str] = {}
    for line in lines:
        if line.strip() and not line.strip().startswith("#"):
            key, value = _parsed(line.strip())
            if key in given:
                msg = f"{INI}: {line.strip()!r} gives {key!r} a second time, expected it once"
                raise UsageError(msg)
            given[key] = value
    return CatalogNames(
        _filled(ProviderNames(), "providers", given),
        _filled(ModelNames(), "models", given),
        _filled(HostNames(), "hosts", given),
        _filled(AuditNames(), "audit", given),
        _filled(OutcomeNames(), "outcomes", given),
    )


def _parsed(line: str) -> tuple[str, str]:
    key, equals, value = (part.strip() for part in line.partition("="))
    if not (key and equals and value and value.isprintable()):
        msg = f"{INI}: {line!r} is not a pair of names, expected such as {_EXAMPLE}"
        raise UsageError(msg)
    if key not in known_names():
        msg = f"{INI}: {line!r} maps the unknown name {key!r}, expected one of {', '.join(known_names())}"
        raise UsageError(msg)
    return key, value


def _keys(table: str, names: type[TableNames]) -> tuple[str, ...]:
    return tuple(table if each.name == "table" else f"{table}.{each.name}" for each in fields(names))


def _filled(names: Names, table: str, given: Mapping[str, str]) -> Names:
    """Return the defaults with what was given for this table."""
    found = {each.name: given.get(table if each.name == "table" else f"{table}.{each.name}") for each in fields(names)}
    return replace(names, **{name: value for name, value in found.items() if value})


def overridden(said: Sequence[str], typed: Sequence[str]) -> tuple[str, ...]:
    """Return lines of ini without those whose names are typed, and what is typed."""
    keys = {_key(line) for line in typed}
    return (*(line for line in said if _key(line) not in keys), *typed)


def _key(line: str) -> str:
    return line.partition("=")[0].strip()
