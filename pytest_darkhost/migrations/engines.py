"""
Engines for databases of ours. On them, a migration that fails half-way leaves nothing behind, on SQLite too.
"""

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.pool import NullPool


def engine_for(url: URL) -> Engine:
    """Return an engine that keeps no connection, so that its database can be copied or dropped between two uses."""
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        # The driver would commit before each DDL statement: take its transactions over
        # (SQLAlchemy, SQLite dialect, "Transactions with SQLite and the sqlite3 driver").
        event.listen(engine, "connect", lambda driver, _: setattr(driver, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine
