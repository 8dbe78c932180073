"""Providers and models, with one dark model."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create tables and rows."""
    op.create_table(
        "providers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("base_url", sa.String(200), nullable=False),
    )
    op.create_table(
        "models",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.String(80), nullable=False, unique=True),
        sa.Column("provider_id", sa.Integer, sa.ForeignKey("providers.id"), nullable=False),
        sa.Column("upstream_model", sa.String(80), nullable=False),
        sa.Column("price_in_per_mtok_usd", sa.Numeric(18, 9)),
        sa.Column("price_out_per_mtok_usd", sa.Numeric(18, 9)),
        sa.Column("q_prior", sa.Float),
        sa.Column("m_allowed", sa.Boolean),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.execute("INSERT INTO providers (slug, base_url) VALUES ('acme', 'https://api.acme.example')")
    op.execute(
        "INSERT INTO models (slug, provider_id, upstream_model, price_in_per_mtok_usd, price_out_per_mtok_usd) "
        "SELECT 'llama-3.3-70b-acme', id, 'meta/llama-3.3-70b', 0.10, 0.30 FROM providers"
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("models")
    op.drop_table("providers")
