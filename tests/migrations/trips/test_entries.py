"""What an activation writes into the audit log: named, quoted and told apart. All activations are composed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migrations.trips.lighting import SLUG, Activation, lit
from pytest_darkhost.catalog.audit import AuditEntry
from pytest_darkhost.catalog.names import AuditNames, CatalogNames
from pytest_darkhost.migrations.checks.audit import audit_entry
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.migrations.lighting import Noted
from pytest_darkhost.migrations.round_trip import NotReached, RoundTrip
from pytest_darkhost.verdicts import Failed, NotJudged, Passed, Verdict

GOOD = Activation()
DARK = {"q_prior": None, "m_allowed": None, "active": False}
LIT = {"q_prior": 0.83, "m_allowed": True, "active": True}
ON = {"venue": "together"}


@pytest.fixture(scope="module")
def trip(tmp_path_factory: pytest.TempPathFactory, sqlite: Server) -> RoundTrip:
    """The round trip of an activation that updates the row and appends nothing."""
    with lit(tmp_path_factory.mktemp("entries"), sqlite, GOOD) as walked:
        found = walked.trip("0004")
    assert not isinstance(found, NotReached)
    return found


def entry(payload: Any, action: str = "light", subject: str = SLUG) -> tuple[AuditEntry, ...]:
    """Return one entry; its place in the chain is no matter here."""
    text = payload if isinstance(payload, str) else json.dumps(payload)
    return (AuditEntry(2, "2026", "x", action, subject, text, "", ""),)


def verdict(trip: RoundTrip, up: tuple[AuditEntry, ...], down: tuple[AuditEntry, ...]) -> Verdict:
    """Return the verdict on these entries."""
    assert trip.lighting is not None
    noted: Noted = replace(trip.lighting.noted, up=up, down=down)
    return audit_entry(replace(trip, lighting=replace(trip.lighting, noted=noted, offline=None, offline_back=None)))


DOWN = entry({**ON, "before": LIT, "after": DARK}, "darken")
GOODS: dict[str, Mapping[str, Any]] = {
    "before and after": {**ON, "before": DARK, "after": LIT},
    "old and new": {**ON, "old": DARK, "new": LIT},
    "the new values alone": {**ON, "row": LIT},
    "values beside the venue": {**ON, **LIT},
    "as text and as numbers": {**ON, "after": {"q_prior": "0.830", "m_allowed": "true", "active": 1}},
    "one value": {**ON, "after": {"active": True}},
    "a value that did not change": {**ON, "after": {**LIT, "brand": "openai"}},
}
FAULTS: dict[str, tuple[tuple[AuditEntry, ...], str]] = {
    "none": ((), f"the upgrade: no entry names '{SLUG}'; subjects: none, it adds no entry"),
    "another model": (entry(ON, subject="other"), f"no entry names '{SLUG}'; subjects: 'other'"),
    "no action": (entry(ON, action=" "), "entry 2 has no action"),
    "no venue": (entry({"after": LIT}, subject="x"), "names"),
    "old for new": (entry({**ON, "before": DARK, "after": DARK}), "after.q_prior None, the row has 0.83"),
    "new for old": (entry({**ON, "before": LIT, "after": LIT}), "before.q_prior 0.83, the row has None"),
    "another value": (entry({**ON, "row": {**LIT, "q_prior": 0.38}}), "row.q_prior 0.38, the row has 0.83"),
    "a value that did not change, wrongly": (
        entry({**ON, "after": {**LIT, "brand": "acme"}}),
        "after.brand acme, the row has openai",
    ),
    "a dict that is no JSON": (entry(str({**ON, "after": LIT})), "entry 2 has a payload in braces that is no JSON"),
    "the same both ways": (DOWN, ""),
}


@pytest.mark.parametrize("good", GOODS)
def test_a_good_entry_passes(trip: RoundTrip, good: str) -> None:
    """Values are compared as numbers where they are some; which are told is the team's own choice."""
    found = verdict(trip, entry(GOODS[good]), DOWN)
    assert isinstance(found, Passed), found
    assert found.context == ()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told(trip: RoundTrip, fault: str) -> None:
    """With the way, the entry, the column, and both values."""
    up, said = FAULTS[fault]
    found = verdict(trip, up, DOWN)
    assert isinstance(found, Failed), found
    assert said in found.actual


def test_the_venue_is_named(trip: RoundTrip) -> None:
    """In the subject or in the payload: a slug that has it in itself names it, too."""
    assert trip.declaration is not None
    elsewhere = replace(trip, declaration=replace(trip.declaration, activates=f"acme/{SLUG}"))
    found = verdict(elsewhere, entry({"after": LIT}), DOWN)
    assert isinstance(found, Failed)
    assert found.actual == "the upgrade: entry 2 does not name the venue 'acme'"


def test_values_that_nobody_quotes_are_told(trip: RoundTrip) -> None:
    """A payload in words, or one that says nothing of the row, is a warning."""
    found = verdict(trip, entry("{together} lit by hand"), DOWN)
    assert isinstance(found, Passed)
    assert found.context == (("warning", "no values of the row in the entry of the upgrade"),)


def test_without_an_audit_table_it_is_not_judged(tmp_path: Path, server: Server) -> None:
    """Neither the chain nor the entries: the reason says how the table is named."""
    with lit(tmp_path, server, replace(GOOD, below=("DROP TABLE audit_log",))) as walked:
        verdicts = walked.verdicts("0004")

    for name in ("audit_chain", "audit_entry"):
        found = verdicts[name]
        assert isinstance(found, NotJudged)
        assert found.code == "not_applicable"
        assert found.reason == "there is no table 'audit_log' (ini darkhost_catalog_names: 'audit = <table>')"


def test_a_table_of_another_shape_is_not_judged(tmp_path: Path, server: Server) -> None:
    """It is not taken for a broken chain; the reason names the column that is missing."""
    other = ("DROP TABLE audit_log", "CREATE TABLE audit_log (id INTEGER PRIMARY KEY, message TEXT)")
    with lit(tmp_path, server, replace(GOOD, below=other)) as walked:
        verdicts = walked.verdicts("0004")

    reason = "table 'audit_log' has no column 'seq' (ini darkhost_catalog_names: 'audit.seq = <column>')"
    assert verdicts["audit_chain"] == verdicts["audit_entry"] == NotJudged("not_applicable", reason)
    assert isinstance(verdicts["offline"], Passed)


def test_a_mapped_table_is_read(tmp_path: Path, server: Server) -> None:
    """The names of table and columns are those of ini; an entry that names nothing fails there, too."""
    names = CatalogNames(audit=AuditNames(table="journal", subject="what"))
    renamed = ("ALTER TABLE audit_log RENAME COLUMN subject TO what", "ALTER TABLE audit_log RENAME TO journal")
    if server.name == "sqlite":
        renamed = ("DROP TRIGGER audit_log_no_gap", *renamed)
    else:
        renamed = ("DROP TRIGGER audit_log_no_gap ON audit_log", *renamed)
    insert = (
        "INSERT INTO journal (seq, at, actor, action, what, payload, previous_hash, hash) "
        "SELECT max(seq) + 1, '2026', 'x', 'light', 'm', '', (SELECT hash FROM journal ORDER BY seq DESC LIMIT 1), "
        f"substr('{'0' * 64}' || max(seq), 1 + length(CAST(max(seq) AS VARCHAR))) FROM journal"
    )
    noting = replace(GOOD, below=renamed).also(insert, insert, {"table": "journal", "append": True})
    with lit(tmp_path, server, noting, names=names) as walked:
        failed = walked.failed("0004")

    assert failed["audit_entry"] == f"the upgrade: no entry names '{SLUG}'; subjects: 'm'"
