"""Traps that round trips through an empty database, and comparisons with models, let pass. Each is caught here."""

from dataclasses import replace
from pathlib import Path

import pytest

from migrations.trips.lighting import ABSENT, DARKEN, LIGHT, OTHER, REFUSAL, ROW, SLUG, Activation, lit
from pytest_darkhost.migrations.databases.values import Server
from pytest_darkhost.verdicts import Failed, NotJudged, Passed

GOOD = Activation()
NO_ROW = replace(
    GOOD, up=(LIGHT.replace(SLUG, "gpt-oss-120b-togehter"),), down=(DARKEN.replace(SLUG, "gpt-oss-120b-togehter"),)
)
INSERT = (
    "INSERT INTO models (slug, provider_id, upstream_model, brand, price_in_per_mtok_usd, price_out_per_mtok_usd, "
    f"q_prior, m_allowed, active) SELECT '{SLUG}', id, 'openai/gpt-oss-120b', 'openai', 0.15, 0.60, 0.83, true, true "
    "FROM providers WHERE slug = 'together'"
)
TRAPS = {
    "an update that matches no row": (
        NO_ROW,
        {
            "upgrade": "UPDATE models touched no row",
            "downgrade": "UPDATE models touched no row",
            "row_exists": "q_prior: spec 0.83, row NULL",
        },
    ),
    "a downgrade that leaves data changed": (
        replace(GOOD, down=(f"UPDATE models SET active = false WHERE {ROW}",)),
        {"downgrade": f"models slug='{SLUG}': q_prior: before NULL, after "},
    ),
    "a downgrade that deletes a row which it did not create": (
        replace(GOOD, down=(f"DELETE FROM models WHERE {ROW}",)),
        {"downgrade": f"models slug='{SLUG}': row removed", "upgrade_again": "", "downgrade_with_traffic": ""},
    ),
    "a column added to another table": (
        GOOD.also("ALTER TABLE providers ADD COLUMN region VARCHAR(20)", "ALTER TABLE providers DROP COLUMN region"),
        {"untouched": "column providers.region: added"},
    ),
    "an index on another table that is not undone": (
        GOOD.also("CREATE INDEX IF NOT EXISTS ix_providers_name ON providers (name)"),
        {
            "untouched": "index ix_providers_name: added",
            "downgrade": "index ix_providers_name: added",
        },
    ),
    "a slug that is there already": (
        replace(GOOD, up=(INSERT,), down=(f"DELETE FROM models WHERE {ROW}",)),
        {"upgrade": "it raised"},
    ),
    "another row changed too": (
        GOOD.also(
            f"UPDATE models SET upstream_model = upper(upstream_model) WHERE {OTHER}",
            f"UPDATE models SET upstream_model = 'Qwen/Qwen3.5-9B' WHERE {OTHER}",
        ),
        {"untouched": "models slug='qwen3.5-9b-together': upstream_model: before 'Qwen/Qwen3.5-9B', after 'QWEN/Q"},
    ),
    "an update without WHERE": (
        replace(GOOD, up=(LIGHT.removesuffix(f" WHERE {ROW}"),)),
        {"untouched": "q_prior: before NULL, after ", "downgrade": "q_prior: before NULL, after "},
    ),
    "another price than the spec's": (
        GOOD.also(
            f"UPDATE models SET price_in_per_mtok_usd = 0.18 WHERE {ROW}",
            f"UPDATE models SET price_in_per_mtok_usd = 0.15 WHERE {ROW}",
            {"table": "models", "row": {"slug": SLUG}, "columns": ["price_in_per_mtok_usd"]},
        ),
        {"row_exists": "price_in_per_mtok_usd: spec 0.15, row 0.18"},
    ),
    "a row that the router does not enrol": (
        replace(GOOD, up=(f"UPDATE models SET q_prior = 0.83, active = true WHERE {ROW}",)),
        {"row_exists": "m_allowed: spec True, row NULL; not enrolled: m_allowed is not true"},
    ),
    "a downgrade that breaks": (
        replace(GOOD, down=("SELECT * FROM nowhere",)),
        {"downgrade": "nowhere"},
    ),
    "a row of routing outcomes": (
        GOOD.also(
            "INSERT INTO routing_outcomes (model_id, status, latency_ms) SELECT min(id), 'x', 1 FROM models",
            "DELETE FROM routing_outcomes",
        ),
        {"untouched": "routing_outcomes", "downgrade_with_traffic": "routing_outcomes"},
    ),
    "a downgrade that removes traffic": (
        GOOD.also("", "DELETE FROM routing_outcomes WHERE latency_ms >= 0"),
        {"downgrade": "DELETE routing_outcomes touched no row", "downgrade_with_traffic": "routing_outcomes"},
    ),
    "a downgrade that stays active": (
        replace(GOOD, down=(f"UPDATE models SET q_prior = NULL, m_allowed = NULL WHERE {ROW}",)),
        {
            "downgrade": f"models slug='{SLUG}': active: before ",
            "downgrade_with_traffic": f"row '{SLUG}' is still active",
        },
    ),
    "an upgrade that commits half-way": (
        replace(GOOD, up=(LIGHT, "COMMIT")),
        {"atomic": f"models slug='{SLUG}': q_prior: before NULL, after "},
    ),
    "a broken audit chain": (
        GOOD.also(
            "INSERT INTO audit_log (seq, at, actor, action, subject, payload, previous_hash, hash) "
            "SELECT max(seq) + 1, '2026', 'x', 'light', 'm', '', "
            "(SELECT hash FROM audit_log ORDER BY seq DESC LIMIT 1), "
            f"substr('{'0' * 64}' || max(seq), 1 + length(CAST(max(seq) AS VARCHAR))) FROM audit_log",
            "",
            {"table": "audit_log", "append": True},
        ),
        {"audit_chain": "has the hash"},
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_trap_is_caught(tmp_path: Path, server: Server, trap: str) -> None:
    """The checks that fail name what is wrong, with row, column, before and after."""
    activation, expected = TRAPS[trap]

    with lit(tmp_path, server, activation) as walked:
        failed = walked.failed("0004")

    assert {name: expected[name] in failed.get(name, "(passed)") for name in expected} == dict.fromkeys(
        expected, True
    ), failed


def test_a_good_activation_passes(tmp_path: Path, server: Server) -> None:
    """
    All passes but what is not judged: plain SQL claims no guard, and notes nothing in the audit log.

    It is run step by step, though one run of `env.py` would do since the revision below: copies are made on the way.
    """
    with lit(tmp_path, server, GOOD, wanted=frozenset({"0003", "0004"})) as walked:
        verdicts = walked.verdicts("0004")

    assert {name for name, each in verdicts.items() if not isinstance(each, Passed)} == {"guarded", "audit_entry"}
    assert isinstance(verdicts["guarded"], NotJudged)
    assert " and lights nothing, and does not say that it refuses" in verdicts["guarded"].reason
    assert verdicts["audit_entry"] == NotJudged("undeclared", "it adds no entry to audit_log, and declares none")


def test_an_activation_is_held_to_its_claim(tmp_path: Path, server: Server) -> None:
    """One that says that it is guarded fails where the upgrade goes through without its row."""
    with lit(tmp_path, server, replace(GOOD, guarded=True)) as walked:
        failed = walked.failed("0004")

    assert failed["guarded"].startswith(f"it went through with no row '{SLUG}'")


@pytest.mark.parametrize(
    ("down", "told"), [(REFUSAL, ""), (ABSENT, ": there is no downgrade()")], ids=["refuses", "is absent"]
)
def test_a_downgrade_that_refuses_fails_in_an_activation(tmp_path: Path, server: Server, down: str, told: str) -> None:
    """Lighting a model must be undone: `NotImplementedError` is no way out here, and to write none is neither."""
    with lit(tmp_path, server, replace(GOOD, down=(down,))) as walked:
        verdicts = walked.verdicts("0004")

    assert isinstance(verdicts["downgrade"], Failed)
    assert verdicts["downgrade"].actual == f"it raised NotImplementedError{told}"
    assert isinstance(verdicts["downgrade_with_traffic"], NotJudged)


def test_a_row_without_a_spec_fails(tmp_path: Path, server: Server) -> None:
    """There is nothing to compare the row with, which is no reason to pass."""
    with lit(tmp_path, server, GOOD, wanted=frozenset({"0004"})) as walked:
        walked.walk.itinerary.targets.clear()  # type: ignore[attr-defined]
        verdict = walked.verdicts("0004")["row_exists"]

    assert isinstance(verdict, Failed)
    assert "no spec file has a model" in verdict.actual


def test_near_rows_are_named(tmp_path: Path, server: Server) -> None:
    """A slug that is not there is told with those that are most like it."""
    gone = replace(GOOD, below=(f"UPDATE models SET slug = 'gpt-oss-120b-togehter' WHERE {ROW}",))

    with lit(tmp_path, server, gone) as walked:
        failed = walked.failed("0004")

    assert failed["row_exists"].startswith(f"no row '{SLUG}'; rows: 'gpt-oss-120b-togehter'")


def test_volatile_columns_are_compared_by_nobody(tmp_path: Path, server: Server) -> None:
    """A time stamp that moves with each write is no difference once it is declared, and one before."""
    stamped = replace(
        GOOD.also(f"UPDATE models SET created_at = '2001-01-01' WHERE {ROW}"), volatile=("models.created_at",)
    )

    with lit(tmp_path, server, stamped) as walked:
        declared = walked.failed("0004")
    with lit(tmp_path, server, replace(stamped, volatile=())) as walked:
        undeclared = walked.failed("0004")

    assert declared == {}
    assert "created_at" in undeclared["untouched"]
    assert "created_at" in undeclared["downgrade"]


def test_an_activation_locks_no_table_against_readers(tmp_path: Path, postgresql: Server) -> None:
    """The lock is named with its table; a plain UPDATE takes none that fails."""
    locking = GOOD.also("LOCK TABLE routing_outcomes IN ACCESS EXCLUSIVE MODE")

    with lit(tmp_path, postgresql, locking) as walked:
        failed = walked.failed("0004")

    assert set(failed) == {"locks"}
    assert failed["locks"].startswith("ACCESS EXCLUSIVE lock on table routing_outcomes for ")


def test_traffic_without_a_table_is_not_judged(tmp_path: Path, server: Server) -> None:
    """Where nothing can refer to the row, that is said."""
    bare = replace(GOOD, below=("DROP TABLE routing_outcomes", "DROP TABLE audit_log"))

    with lit(tmp_path, server, bare) as walked:
        verdict = walked.verdicts("0004")["downgrade_with_traffic"]

    assert isinstance(verdict, NotJudged)
    assert verdict.code == "no_traffic"
    assert "routing_outcomes" in verdict.reason
