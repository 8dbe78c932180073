"""The hash chain of the audit table: unbroken, or where it breaks."""

import hashlib
import json
from dataclasses import replace

import pytest
from sqlalchemy import URL, create_engine
from sqlalchemy.pool import NullPool

from pytest_darkhost.catalog.audit import NO_ENTRY, AuditEntry, audit_entries, chain_fault, entry_hash
from pytest_darkhost.catalog.names import AuditNames
from pytest_darkhost.catalog.session import read_only


def chain(length: int) -> list[AuditEntry]:
    """Return an unbroken chain."""
    entries: list[AuditEntry] = []
    for seq in range(1, length + 1):
        previous = entries[-1].hash if entries else NO_ENTRY
        entry = AuditEntry(seq, "2026-11-22T00:00:00+00:00", "ünit", "seed", f"s{seq}", "{}", previous, "")
        entries.append(replace(entry, hash=entry_hash(entry)))
    return entries


def test_the_hash_is_that_of_the_written_rule():
    """Each field behind its length in characters, after the hash before: worked out here by hand."""
    text = NO_ENTRY + "1:1" + "2:at" + "1:é" + "2:do" + "1:x" + "0:"
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert entry_hash(AuditEntry(1, "at", "é", "do", "x", "", NO_ENTRY, "")) == expected


def test_an_unbroken_chain_has_no_fault():
    """An empty one neither."""
    assert chain_fault(chain(3)) is None
    assert chain_fault([]) is None


@pytest.mark.parametrize(
    ("plant", "told"),
    [
        (lambda e: [e[0], e[2]], "seq 3 follows seq 1, expected seq 2"),
        (lambda e: e[1:], "seq 2 follows seq 0, expected seq 1"),
        (lambda e: [e[0], replace(e[1], payload="{} "), e[2]], "seq 2 has the hash "),
        (lambda e: [e[0], replace(e[1], actor="other"), e[2]], "seq 2 has the hash "),
        (lambda e: [e[0], replace(e[1], hash="f" * 64), e[2]], "seq 2 has the hash ffffffffffff…"),
        (lambda e: [replace(e[0], previous_hash="1" * 64), *e[1:]], "seq 1 continues 111111111111…, expected 000"),
        (lambda e: [e[0], e[2], e[1]], "seq 3 follows seq 1"),
    ],
)
def test_a_break_is_told(plant, told):
    """A row that is missing, altered, out of order or not hashed as the rule says."""
    fault = chain_fault(plant(chain(3)))
    assert fault is not None
    assert fault.startswith(told)


def test_the_reference_history_writes_an_unbroken_chain(head: URL):
    """On SQLite and PostgreSQL, read as the names say."""
    with read_only(head) as connection:
        entries = audit_entries(connection, AuditNames())
        assert entries is not None
        found = list(entries)
    assert [entry.action for entry in found] == ["seed"]
    assert chain_fault(found) is None


def test_a_payload_in_a_column_of_json_is_read_as_json(postgres_seeded: URL):
    """Which the driver parses: it is no `str` of a dict."""
    with create_engine(postgres_seeded, poolclass=NullPool).begin() as connection:
        payload = connection.exec_driver_sql("SELECT payload FROM audit_log").scalar_one()
        connection.exec_driver_sql("ALTER TABLE audit_log ALTER payload TYPE jsonb USING payload::jsonb")
    with read_only(postgres_seeded) as connection:
        (entry,) = audit_entries(connection, AuditNames()) or ()
    assert json.loads(entry.payload) == json.loads(payload)


def test_a_database_without_the_table_says_so(sqlite: URL):
    """There is no chain to judge."""
    with create_engine(sqlite, poolclass=NullPool).connect() as connection:
        assert audit_entries(connection, AuditNames()) is None
