"""
Tables as Python source: what the template's statements name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields

from pytest_darkhost.catalog.audit import AuditEntry
from pytest_darkhost.catalog.names import AuditNames, TableNames, bare_name, schema_of
from pytest_darkhost.migrations.activations.python_text import quoted

_TYPES: Mapping[str, str] = {
    "price_in_per_mtok_usd": "sa.Numeric()",
    "price_out_per_mtok_usd": "sa.Numeric()",
    "q_prior": "sa.Double()",
    "m_allowed": "sa.Boolean()",
    "active": "sa.Boolean()",
    "id": "",
    "provider_id": "",
    "model_id": "",
    "seq": "sa.BigInteger()",
}
_CHAIN = ("seq", "previous_hash", "hash")


def table_source(variable: str, names: TableNames, columns: Mapping[str, str]) -> str:
    """Return the assignment of a table of the catalog, with columns by the catalog's names."""
    sources = [column_source(key, name) for key, name in columns.items()]
    return source(variable, bare_name(names), sources, schema_of(names))


def column_source(key: str, name: str) -> str:
    """Return a column, with the type that the catalog's name for it tells."""
    kind = _TYPES.get(key, "sa.String()")
    return f"sa.column({quoted(name)}, {kind})" if kind else f"sa.column({quoted(name)})"


def source(variable: str, name: str, columns: Iterable[str], schema: str | None) -> str:
    """Return the assignment of any table, on one line where there is room."""
    parts = [quoted(name), *columns, *([f"schema={quoted(schema)}"] if schema else [])]
    one_line = f"{variable} = sa.table({', '.join(parts)})"
    if len(one_line) <= 88:
        return one_line
    return "\n".join((f"{variable} = sa.table(", *(f"    {part}," for part in parts), ")"))


def audit_source(names: AuditNames) -> str:
    """Return the audit table and the names of its columns."""
    by_key = {each.name: getattr(names, each.name) for each in fields(AuditEntry)}
    audited = [name for key, name in by_key.items() if key not in _CHAIN]
    lines = (
        table_source("audit", names, by_key),
        f"AUDITED = ({', '.join(map(quoted, audited))})",
        f"SEQ, PREVIOUS_HASH, HASH = {', '.join(quoted(by_key[key]) for key in _CHAIN)}",
    )
    return "\n".join(lines)
