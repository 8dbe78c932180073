"""Composed Alembic histories of plain revisions, with the `env.py` that pytest-alembic asks for."""

from pathlib import Path

INI = "[alembic]\nscript_location = %(here)s/migrations\n"
ENV = """
from alembic import context
from sqlalchemy import engine_from_config, pool

from metadata import metadata

config = context.config
engine = config.attributes.get("connection")
if engine is None:
    engine = engine_from_config(config.get_section("alembic"), prefix="sqlalchemy.", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """\"\"\"{title}\"\"\"

import sqlalchemy as sa
from alembic import op

revision = "{id}"
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade():
    {up}


def downgrade():
    {undo}
"""
_EVERY = 5
"""Of so many revisions one makes a table, the others change it."""


def write_history(directory: Path, revisions: int) -> None:
    """Write `alembic.ini`, `env.py`, the models' metadata and so many revisions."""
    versions = directory / "migrations/versions"
    versions.mkdir(parents=True)
    (directory / "alembic.ini").write_text(INI, encoding="utf-8")
    (directory / "migrations/env.py").write_text(ENV, encoding="utf-8")
    lines = ["import sqlalchemy as sa", "", "metadata = sa.MetaData()"]
    for number in range(revisions):
        up, undo = _revision(number)
        identity, below = f"{number:04}a", f"{number - 1:04}a" if number else None
        text = REVISION.format(title=f"Revision {number}", id=identity, down=below, up=up, undo=undo)
        (versions / f"{identity}_composed.py").write_text(text, encoding="utf-8")
        if number % _EVERY == 0:
            lines.append(_table(number, min(revisions - number, _EVERY)))
    (directory / "metadata.py").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _revision(number: int) -> tuple[str, str]:
    table = f"table_{number // _EVERY}"
    changes = (
        (
            f"op.create_table('{table}', sa.Column('id', sa.Integer, primary_key=True), "
            "sa.Column('name', sa.String(80), nullable=False), sa.Column('size', sa.Integer))",
            f"op.drop_table('{table}')",
        ),
        (f"op.add_column('{table}', sa.Column('note', sa.Text))", f"op.drop_column('{table}', 'note')"),
        (
            f"op.create_index('ix_{table}_name', '{table}', ['name'])",
            f"op.drop_index('ix_{table}_name', table_name='{table}')",
        ),
        (
            f"op.execute(\"INSERT INTO {table} (id, name, size) VALUES (1, 'one', 1), (2, 'two', 2)\")",
            f"op.execute('DELETE FROM {table}')",
        ),
        (f"op.execute('UPDATE {table} SET size = size + 1')", f"op.execute('UPDATE {table} SET size = size - 1')"),
    )
    return changes[number % _EVERY]


def _table(number: int, revisions: int) -> str:
    """Return what the table is once its revisions were run."""
    table = f"table_{number // _EVERY}"
    columns = ["sa.Column('id', sa.Integer, primary_key=True)", "sa.Column('name', sa.String(80), nullable=False)"]
    columns += ["sa.Column('size', sa.Integer)"]
    columns += ["sa.Column('note', sa.Text)"] if revisions > 1 else []
    columns += [f"sa.Index('ix_{table}_name', 'name')"] if revisions > 2 else []
    return f"sa.Table('{table}', metadata, {', '.join(columns)})"
