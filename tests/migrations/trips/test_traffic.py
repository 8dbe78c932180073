"""A row that an activation inserted, undone after it was used and after others were, and lit again."""

from dataclasses import replace
from pathlib import Path

import pytest

from migrations.trips.lighting import SLUG, Activation, lit
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.verdicts import NotJudged, Passed

ABSENT = f"DELETE FROM models WHERE slug = '{SLUG}'"
INSERT = (
    "INSERT INTO models (slug, provider_id, upstream_model, brand, price_in_per_mtok_usd, price_out_per_mtok_usd, "
    f"q_prior, m_allowed, active) SELECT '{SLUG}', id, 'openai/gpt-oss-120b', 'openai', 0.15, 0.60, 0.83, true, false "
    "FROM providers WHERE slug = 'together'"
)
UNLESS_THERE = f"{INSERT} AND NOT EXISTS (SELECT 1 FROM models WHERE slug = '{SLUG}')"
LIGHT = f"UPDATE models SET active = true WHERE slug = '{SLUG}'"
DARKEN = f"UPDATE models SET active = false WHERE slug = '{SLUG}'"
OUTCOMES = "SELECT 1 FROM routing_outcomes o WHERE o.model_id = models.id"
AUDIT = f"SELECT 1 FROM audit_log a WHERE a.subject = '{SLUG}'"
DELETE = f"DELETE FROM models WHERE slug = '{SLUG}' AND NOT EXISTS ({OUTCOMES}) AND NOT EXISTS ({AUDIT})"
GOOD = Activation(
    up=(UNLESS_THERE, LIGHT),
    down=(DARKEN, DELETE),
    declared=({"table": "models", "row": {"slug": SLUG}},),
    below=(ABSENT,),
)
"""Inserts the row, and deletes it again unless it was used."""
TRAPS = {
    "an upgrade that cannot run on what was kept": (
        replace(GOOD, up=(INSERT, LIGHT)),
        {"upgrade_after_traffic": "it raised"},
    ),
    "an upgrade that lights nothing on what was kept": (
        replace(GOOD, up=(UNLESS_THERE.replace("true, false", "true, true"),)),
        {"upgrade_after_traffic": "active: spec True, row False"},
    ),
    "an upgrade that lights its neighbours where the row is kept": (
        replace(
            GOOD,
            up=(UNLESS_THERE, LIGHT, "UPDATE models SET active = true WHERE EXISTS (SELECT 1 FROM routing_outcomes)"),
        ),
        {"upgrade_after_traffic": "other rows were lit or darkened: "},
    ),
    "a downgrade that looks for outcomes only": (
        replace(GOOD, down=(DARKEN, DELETE.replace(f" AND NOT EXISTS ({AUDIT})", ""))),
        {"downgrade_with_traffic": f"row '{SLUG}' was deleted, though audit_log refer to it"},
    ),
    "a downgrade that looks for audit entries only": (
        replace(GOOD, down=(DARKEN, DELETE.replace(f" AND NOT EXISTS ({OUTCOMES})", ""))),
        {"downgrade_with_traffic": "routing_outcomes"},
    ),
    "a downgrade that takes the outcomes of others for its own": (
        replace(GOOD, down=(DARKEN, DELETE.replace(" WHERE o.model_id = models.id", ""))),
        {"downgrade_with_traffic": f"row '{SLUG}' was left there, though routing_outcomes and audit_log only refer to"},
    ),
}


def test_an_inserted_row_is_kept_while_it_is_used(tmp_path: Path, server: Server) -> None:
    """Each kind of use keeps it, that of others does not; all uses are told."""
    with lit(tmp_path, server, GOOD) as walked:
        verdicts = walked.verdicts("0004")

    undone = verdicts["downgrade_with_traffic"]
    assert isinstance(undone, Passed)
    assert [text for _, text in undone.context] == [
        "in routing_outcomes and audit_log about others",
        "in routing_outcomes that refer to it",
        "in audit_log that refer to it",
    ]
    assert isinstance(verdicts["upgrade_after_traffic"], Passed)


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_caught(tmp_path: Path, server: Server, trap: str) -> None:
    """The check that fails says what is wrong with the row."""
    activation, expected = TRAPS[trap]

    with lit(tmp_path, server, activation) as walked:
        failed = walked.failed("0004")

    assert {name: text for name, text in expected.items() if text not in failed.get(name, "(passed)")} == {}, failed


def test_outcomes_that_cannot_be_removed_stay(tmp_path: Path, server: Server) -> None:
    """Where a trigger refuses it, the last undoing is under all traffic at once; nothing fails for that."""
    if server.name == "sqlite":
        below = ["CREATE TRIGGER kept BEFORE DELETE ON routing_outcomes BEGIN SELECT RAISE(ABORT, 'kept'); END"]
    else:
        refuse = "CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'kept'; END$$"
        trigger = "CREATE TRIGGER kept BEFORE DELETE ON routing_outcomes FOR EACH ROW EXECUTE FUNCTION kept()"
        below = [refuse, trigger]

    with lit(tmp_path, server, replace(GOOD, below=(ABSENT, *below))) as walked:
        verdicts = walked.verdicts("0004")

    assert isinstance(verdicts["downgrade_with_traffic"], Passed), verdicts["downgrade_with_traffic"]
    assert isinstance(verdicts["upgrade_after_traffic"], Passed)


def test_without_a_downgrade_nothing_is_lit_again(tmp_path: Path, server: Server) -> None:
    """It is not judged: the downgrade's own check says what failed."""
    with lit(tmp_path, server, replace(GOOD, down=("SELECT * FROM nowhere",))) as walked:
        verdict = walked.verdicts("0004")["upgrade_after_traffic"]

    assert isinstance(verdict, NotJudged)
    assert verdict.code == "downgrade_failed"
