"""Light a model. The slug is mistyped: no row is changed, Alembic reports success, and the model stays dark."""

from alembic import op

revision = "0002"
down_revision = "0001"

darkhost = {
    "activates": "acme/llama-3.3-70b-acme",
    "changes": [
        {"table": "models", "row": {"slug": "llama-3.3-70b-acme"}, "columns": ["q_prior", "m_allowed", "active"]},
    ],
}


def upgrade() -> None:
    """Light it."""
    op.execute("UPDATE models SET q_prior = 0.7, m_allowed = true, active = true WHERE slug = 'llama-3.3-70b'")


def downgrade() -> None:
    """Put it out again."""
    op.execute("UPDATE models SET q_prior = NULL, m_allowed = NULL, active = false WHERE slug = 'llama-3.3-70b'")
