"""
Add ${s.models}.logical_slug: what a model is called over all venues (path C).

It is empty at first, and nothing that is there changes.

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
darkhost = {"changes": [{"object": ${q("column " + s.models + "." + s.column)}}]}


def upgrade() -> None:
    """Add the column, NULL in every row."""
    op.add_column(${q(s.models_name)}, sa.Column(${q(s.column)}, sa.String(200), nullable=True)${s.schema_argument})


def downgrade() -> None:
    """Drop the column. Raises `RuntimeError` if it holds values: they would be lost."""
    if not op.get_context().as_sql:
        models = sa.table(${q(s.models_name)}, sa.column(${q(s.column)})${s.schema_argument})
        count = sa.select(sa.func.count(models.c[${q(s.column)}])).select_from(models)
        found = op.get_bind().execute(count).scalar_one()
        if found:
            raise RuntimeError(f"${s.models}.${s.column} holds {found} values")
    op.drop_column(${q(s.models_name)}, ${q(s.column)}${s.schema_argument})
