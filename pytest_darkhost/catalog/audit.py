"""
The hash chain of the audit table, as the reference history models it (`alembic/versions/0001_schema.py`).

`hash` is the SHA-256, in hexadecimal, of `previous_hash` and then of `seq`, `at`, `actor`, `action`, `subject` and
`payload`, each written as its length in characters, a colon, and itself. The first `previous_hash` is 64 zeros.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from pytest_darkhost.catalog.names import AuditNames, bare_name, schema_of
from pytest_darkhost.catalog.tables import has_table

NO_ENTRY = "0" * 64
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the audit table."""

    seq: int
    at: str
    """UTC, ISO 8601."""
    actor: str
    action: str
    subject: str
    payload: str
    previous_hash: str
    hash: str


def audit_entries(
    connection: Connection, names: AuditNames, *, newest_first: bool = False
) -> Iterator[AuditEntry] | None:
    """Return the entries in the order of `seq`, read as they are asked for; `None` where there is no such table."""
    if not has_table(connection, names):
        return None
    columns = [getattr(names, each.name) for each in fields(AuditEntry)]
    table = sa.table(bare_name(names), *map(sa.column, columns), schema=schema_of(names))
    order = table.c[names.seq].desc() if newest_first else table.c[names.seq]
    query = sa.select(*(table.c[column] for column in columns)).order_by(order)
    return _read(connection, query.execution_options(yield_per=_AT_ONCE))


def _read(connection: Connection, query: sa.Select[Any]) -> Iterator[AuditEntry]:
    """Yield the entries; the cursor on the server is closed too where the reader stops before the end."""
    with connection.execute(query) as rows:
        for row in rows:
            yield AuditEntry(int(row[0]), *map(_text, row[1:]))


def _text(value: Any) -> str:
    """Return a value as text: drivers parse columns of JSON."""
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


def entry_hash(entry: AuditEntry) -> str:
    """Return the hash that an entry should have."""
    _, *texts = astuple(entry)[:6]
    measured = "".join(f"{len(text)}:{text}" for text in (str(entry.seq), *texts))
    return hashlib.sha256((entry.previous_hash + measured).encode()).hexdigest()


def chain_fault(entries: Iterable[AuditEntry]) -> str | None:
    """Return where the chain breaks first and how, `None` where it does not."""
    seq, last = 0, NO_ENTRY
    for entry in entries:
        if entry.seq != seq + 1:
            return f"seq {entry.seq} follows seq {seq}, expected seq {seq + 1}"
        if entry.previous_hash != last:
            return f"seq {entry.seq} continues {entry.previous_hash[:12]}…, expected {last[:12]}…, the hash before it"
        if entry.hash != entry_hash(entry):
            return (
                f"seq {entry.seq} has the hash {entry.hash[:12]}…, expected {entry_hash(entry)[:12]}…, that of its text"
            )
        seq, last = entry.seq, entry.hash
    return None
