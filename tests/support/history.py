"""
The reference history run by Alembic's own commands, and what a database looks like afterwards.
"""

import io
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.pool import NullPool

ROOT = Path(__file__).resolve().parents[2]
HISTORY = ROOT / "alembic"


def config(url: URL | None = None) -> Config:
    """Return the configuration of the reference history without an ini file, so that no logger is touched."""
    made = Config(output_buffer=io.StringIO())
    made.set_main_option("script_location", str(HISTORY))
    if url is not None:
        made.set_main_option("sqlalchemy.url", url.render_as_string(hide_password=False).replace("%", "%%"))
    return made


def upgraded(url: URL, revision: str) -> None:
    """Upgrade a database through `env.py`."""
    command.upgrade(config(url), revision)


def downgraded(url: URL, revision: str) -> None:
    """Downgrade a database through `env.py`."""
    command.downgrade(config(url), revision)


def printed(url: URL, revisions: str, *, down: bool = False) -> str:
    """Return the SQL that Alembic prints for a database that is not there."""
    made = config(url)
    buffer = io.StringIO()
    made.output_buffer = buffer
    (command.downgrade if down else command.upgrade)(made, revisions, sql=True)
    return buffer.getvalue()


def schema(url: URL) -> frozenset[str]:
    """Return every table, column, constraint, index, trigger and function as a line, without Alembic's own table."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return frozenset(_lines(connection, _SCHEMA[url.get_backend_name()]))


def rows(url: URL, query: str) -> list[tuple[object, ...]]:
    """Return the rows of a query."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def execute(url: URL, *statements: str) -> None:
    """Execute statements in one transaction and commit it."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _lines(connection: Connection, queries: tuple[str, ...]) -> list[str]:
    found = [row for query in queries for row in connection.exec_driver_sql(query)]
    return [" | ".join(" ".join(str(cell).split()) for cell in row) for row in found]


_SCHEMA = {
    "sqlite": ("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version'",),
    "postgresql": (
        "SELECT 'column', table_name, column_name, data_type, numeric_precision, numeric_scale, "
        "character_maximum_length, is_nullable, column_default FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name <> 'alembic_version'",
        "SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace AND conname !~ '^alembic_version'",
        "SELECT 'index', indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'",
        "SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT 'function', pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        "SELECT 'sequence', sequencename FROM pg_sequences WHERE schemaname = 'public'",
    ),
}
