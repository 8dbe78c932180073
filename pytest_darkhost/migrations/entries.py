"""
The entries of the audit table that a revision appended, and whether the table is one that holds such entries.
"""

from itertools import islice

import sqlalchemy as sa
from sqlalchemy import Connection

from pytest_darkhost.catalog.audit import AuditEntry, audit_entries
from pytest_darkhost.catalog.names import INI, AuditNames, bare_name, schema_of
from pytest_darkhost.catalog.tables import has_table


def unreadable(connection: Connection, names: AuditNames) -> str:
    """Return why no entry can be read: there is no such table, or it has another shape. Empty where one can."""
    if not has_table(connection, names):
        return f"there is no table {names.table!r} (ini {INI}: 'audit = <table>')"
    there = {each["name"] for each in sa.inspect(connection).get_columns(bare_name(names), schema=schema_of(names))}
    missing = next((each for each in AuditEntry.__slots__ if getattr(names, each) not in there), None)
    if missing is None:
        return ""
    column = getattr(names, missing)
    return f"table {names.table!r} has no column {column!r} (ini {INI}: 'audit.{missing} = <column>')"


def last_entries(connection: Connection, names: AuditNames, count: int) -> tuple[AuditEntry, ...]:
    """Return so many entries from the end of the audit table, in their order."""
    if count <= 0:
        return ()
    entries = audit_entries(connection, names, newest_first=True)
    return tuple(reversed(tuple(islice(entries or (), count))))


def entry_count(connection: Connection, names: AuditNames) -> int:
    """Return how many entries the audit table has; 0 where there is no such table."""
    if not has_table(connection, names):
        return 0
    table = sa.table(bare_name(names), schema=schema_of(names))
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
