"""States in capitals. The downgrade takes all of them for lower case, whatever they were."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Change every row."""
    op.execute("UPDATE orders SET state = upper(state)")


def downgrade() -> None:
    """Change every row back."""
    op.execute("UPDATE orders SET state = lower(state)")
