"""
Providers, models, routing outcomes and an append-only, hash-chained audit log.

Revision ID: 0001
Revises:
Create Date: 2026-11-22

Constraint names: `pk_<table>`, `uq_<table>_<column>`, `fk_<table>_<column>_<table>`, `ck_<table>_<rule>`, `ix_<table>_<columns>`.
They are written out, so that they do not depend on settings of the environment that runs the revision.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("audit_log", "routing_outcomes", "models", "providers")
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
USD = sa.Numeric(18, 9)


def now() -> sa.DefaultClause:
    """Return the server default of a time stamp."""
    return sa.DefaultClause(sa.func.current_timestamp())


def upgrade() -> None:
    """Create the tables, and the triggers that guard the audit log."""
    create_providers()
    create_models()
    create_routing_outcomes()
    create_audit_log()
    for statement in TRIGGERS[dialect()]:
        op.execute(statement)


def downgrade() -> None:
    """Drop what the upgrade created. Rows are lost with their tables, those of the audit log too."""
    for table in TABLES:
        op.drop_table(table)
    if dialect() == "postgresql":
        op.execute("DROP FUNCTION audit_log_refuse_change()")
        op.execute("DROP FUNCTION audit_log_refuse_gap()")


def dialect() -> str:
    """Return the name of the database's dialect. Raises `NotImplementedError` where the triggers are not written."""
    name = op.get_context().dialect.name
    if name not in TRIGGERS:
        msg = f"the reference history has no audit triggers for {name}, expected SQLite, PostgreSQL, MySQL or MariaDB"
        raise NotImplementedError(msg)
    return name


def create_providers() -> None:
    """Create the hosts. The production adapter appends its path to `base_url`."""
    op.create_table(
        "providers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("base_url", sa.String(500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_providers"),
        sa.UniqueConstraint("slug", name="uq_providers_slug"),
    )


def create_models() -> None:
    """Create the models of the providers. The router enrols a row that has prices, a `q_prior` and `m_allowed` = true."""
    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(200), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("upstream_model", sa.String(300), nullable=False),
        sa.Column("brand", sa.String(100), nullable=False),
        sa.Column("price_in_per_mtok_usd", USD, nullable=True),
        sa.Column("price_out_per_mtok_usd", USD, nullable=True),
        sa.Column("q_prior", sa.Double(), nullable=True),
        sa.Column("m_allowed", sa.Boolean(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_models"),
        sa.UniqueConstraint("slug", name="uq_models_slug"),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["providers.id"], name="fk_models_provider_id_providers", ondelete="RESTRICT"
        ),
        sa.CheckConstraint("price_in_per_mtok_usd >= 0", name="ck_models_price_in_per_mtok_usd"),
        sa.CheckConstraint("price_out_per_mtok_usd >= 0", name="ck_models_price_out_per_mtok_usd"),
        sa.CheckConstraint("q_prior >= 0 AND q_prior <= 1", name="ck_models_q_prior"),
    )
    op.create_index("ix_models_provider_id", "models", ["provider_id"])


def create_routing_outcomes() -> None:
    """Create what was served and what happened. No activation may touch this table."""
    op.create_table(
        "routing_outcomes",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("ts", sa.DateTime(timezone=True), server_default=now(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("error_code", sa.String(100), nullable=True),
        sa.Column("latency_ms", sa.Double(), nullable=False),
        sa.Column("ttft_ms", sa.Double(), nullable=True),
        sa.Column("tokens_in", sa.Integer(), nullable=True),
        sa.Column("tokens_out", sa.Integer(), nullable=True),
        sa.Column("cost_usd", USD, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_routing_outcomes"),
        sa.ForeignKeyConstraint(
            ["model_id"], ["models.id"], name="fk_routing_outcomes_model_id_models", ondelete="RESTRICT"
        ),
        sa.CheckConstraint("latency_ms >= 0", name="ck_routing_outcomes_latency_ms"),
        sa.CheckConstraint("tokens_in >= 0 AND tokens_out >= 0", name="ck_routing_outcomes_tokens"),
        sa.CheckConstraint("cost_usd >= 0", name="ck_routing_outcomes_cost_usd"),
    )
    op.create_index("ix_routing_outcomes_model_id_ts", "routing_outcomes", ["model_id", "ts"])


def create_audit_log() -> None:
    """
    Create the audit log. `hash` is the SHA-256, in hexadecimal, of `previous_hash` and then of `seq`, `at`, `actor`,
    `action`, `subject` and `payload`, each written as its length in characters, a colon, and itself.

    `at` is text (UTC, ISO 8601), so that the hash does not depend on how a database prints time stamps.
    """
    op.create_table(
        "audit_log",
        sa.Column("seq", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(100), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_log"),
        sa.UniqueConstraint("previous_hash", name="uq_audit_log_previous_hash"),
        sa.UniqueConstraint("hash", name="uq_audit_log_hash"),
        sa.CheckConstraint("length(previous_hash) = 64 AND length(hash) = 64", name="ck_audit_log_hash_length"),
    )


LAST_HASH = f"coalesce((SELECT hash FROM audit_log ORDER BY seq DESC LIMIT 1), '{'0' * 64}')"
NEXT_SEQ = "coalesce((SELECT max(seq) FROM audit_log), 0) + 1"
GAP = f"NEW.seq <> {NEXT_SEQ} OR NEW.previous_hash <> {LAST_HASH}"

# MySQL and MariaDB. TRUNCATE fires no trigger there.
SIGNALS = (
    "CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log "
    "FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_log is append-only'",
    "CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log "
    "FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_log is append-only'",
    f"CREATE TRIGGER audit_log_no_gap BEFORE INSERT ON audit_log FOR EACH ROW IF {GAP} THEN "
    "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_log rows must continue the hash chain'; END IF",
)
# INSERT is guarded as well: on SQLite, INSERT OR REPLACE removes a row without firing its DELETE trigger.
TRIGGERS = {
    "mysql": SIGNALS,
    "mariadb": SIGNALS,
    "sqlite": (
        "CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log "
        "BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END",
        "CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log "
        "BEGIN SELECT RAISE(ABORT, 'audit_log is append-only'); END",
        f"CREATE TRIGGER audit_log_no_gap BEFORE INSERT ON audit_log WHEN {GAP} "
        "BEGIN SELECT RAISE(ABORT, 'audit_log rows must continue the hash chain'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_log_refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'audit_log is append-only'; END$$",
        f"CREATE FUNCTION audit_log_refuse_gap() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF {GAP} THEN "
        "RAISE EXCEPTION 'audit_log rows must continue the hash chain'; END IF; RETURN NEW; END$$",
        "CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log "
        "FOR EACH ROW EXECUTE FUNCTION audit_log_refuse_change()",
        "CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse_change()",
        "CREATE TRIGGER audit_log_no_gap BEFORE INSERT ON audit_log "
        "FOR EACH ROW EXECUTE FUNCTION audit_log_refuse_gap()",
    ),
}
