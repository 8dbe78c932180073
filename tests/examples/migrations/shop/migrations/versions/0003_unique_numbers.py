"""Numbers of orders are unique. On an empty database this always works."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the constraint."""
    with op.batch_alter_table("orders") as batch:
        batch.create_unique_constraint("uq_orders_number", ["number"])


def downgrade() -> None:
    """Drop the constraint."""
    with op.batch_alter_table("orders") as batch:
        batch.drop_constraint("uq_orders_number")
