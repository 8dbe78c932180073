"""
Add ${s.hosts}: further hosts of a model (path B).

A row of ${s.models} stays the model on its own provider. A row of ${s.hosts} is the same
model on another one, with a slug, prices and gates of its own. Nothing that is there
changes.

Revision ID: ${up_revision}
Revises: ${s.below}
Create Date: ${create_date}
"""

import sqlalchemy as sa
from alembic import op

revision = ${q(up_revision)}
down_revision = ${q(s.down_revision)}
branch_labels = None
depends_on = None

# What this revision may change, and nothing else.
darkhost = {"changes": [{"object": "table model_hosts"}]}

USD = sa.Numeric(18, 9)


def upgrade() -> None:
    """Create the table, empty."""
    op.create_table(
        "model_hosts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(200), nullable=False),
        sa.Column("model_id", ${s.model_id_type}, nullable=False),
        sa.Column("provider_id", ${s.provider_id_type}, nullable=False),
        sa.Column("upstream_model", sa.String(300), nullable=False),
        sa.Column("price_in_per_mtok_usd", USD, nullable=True),
        sa.Column("price_out_per_mtok_usd", USD, nullable=True),
        sa.Column("q_prior", sa.Double(), nullable=True),
        sa.Column("m_allowed", sa.Boolean(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_model_hosts"),
        sa.UniqueConstraint("slug", name="uq_model_hosts_slug"),
        sa.UniqueConstraint(
            "model_id",
            "provider_id",
            name="uq_model_hosts_model_id_provider_id",
        ),
        sa.ForeignKeyConstraint(
            ["model_id"],
            [${q(s.models_id)}],
            name="fk_model_hosts_model_id",
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            [${q(s.providers_id)}],
            name="fk_model_hosts_provider_id",
            ondelete="RESTRICT",
        ),
        sa.CheckConstraint(
            "price_in_per_mtok_usd >= 0 AND price_out_per_mtok_usd >= 0",
            name="ck_model_hosts_prices",
        ),
        sa.CheckConstraint(
            "q_prior >= 0 AND q_prior <= 1",
            name="ck_model_hosts_q_prior",
        ),
    )


def downgrade() -> None:
    """Drop the table. Raises `RuntimeError` if it holds rows: they would be lost."""
    if not op.get_context().as_sql:
        count = sa.select(sa.func.count()).select_from(sa.table("model_hosts"))
        found = op.get_bind().execute(count).scalar_one()
        if found:
            raise RuntimeError(f"model_hosts holds {found} rows")
    op.drop_table("model_hosts")
