"""
How Alembic runs the reference history: on a connection that the caller supplies, else on a database of its own choice.

The database is `config.attributes["connection"]`, else the main option `sqlalchemy.url`, else the environment variable
DARKHOST_CATALOG_URL.
"""

import os
from logging.config import fileConfig

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.pool import NullPool


def database_url() -> str:
    """Return the URL of the database to migrate. Raises `CommandError` if none is named."""
    url = context.config.get_main_option("sqlalchemy.url") or os.environ.get("DARKHOST_CATALOG_URL", "").strip()
    if not url:
        msg = "no database is named, expected its URL in DARKHOST_CATALOG_URL or in alembic.ini as sqlalchemy.url"
        raise CommandError(msg)
    return url


def engine() -> Engine:
    """Return an engine on which a migration that fails half-way leaves nothing behind, on SQLite too."""
    created = create_engine(database_url(), poolclass=NullPool)
    if created.dialect.name == "sqlite":
        # The driver would commit before each DDL statement: take its transactions over
        # (SQLAlchemy, SQLite dialect, "Transactions with SQLite and the sqlite3 driver").
        event.listen(created, "connect", lambda driver, _: setattr(driver, "isolation_level", None))
        event.listen(created, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return created


def run_offline() -> None:
    """Print the SQL for a database that is not there."""
    backend = make_url(database_url()).get_backend_name()
    context.configure(dialect_name=backend, literal_binds=True, transactional_ddl=True, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Migrate a database, each revision in a transaction of its own."""
    supplied = context.config.attributes.get("connection")
    if supplied is not None:
        context.configure(connection=supplied)
        with context.begin_transaction():
            context.run_migrations()
        return
    with engine().connect() as connection:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


# A caller that supplies a connection has loggers of its own, which fileConfig would disable.
if context.config.config_file_name and "connection" not in context.config.attributes:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)

if context.is_offline_mode():
    run_offline()
else:
    run_online()
