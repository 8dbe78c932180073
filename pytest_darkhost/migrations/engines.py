"""
Engines for databases of ours. On them, a migration that fails half-way leaves nothing behind, on SQLite too.
"""

from contextlib import closing
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool


def engine_for(url: URL) -> Engine:
    """
    Return an engine whose connections know nothing of their earlier uses.

    On PostgreSQL they are kept: a new one has to read the catalogs again, which costs more than what is asked of it.
    `dispose` closes them, so that the database can be copied or dropped.
    """
    if url.get_backend_name() == "postgresql":
        from pytest_darkhost.migrations.snapshots.postgresql_asking import prepare_nothing

        engine = create_engine(url, hide_parameters=True, pool_reset_on_return=None)
        event.listen(engine, "connect", lambda driver, _: prepare_nothing(driver))
        event.listen(engine, "reset", _discard_all)
        return engine
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        # The driver would commit before each DDL statement: take its transactions over
        # (SQLAlchemy, SQLite dialect, "Transactions with SQLite and the sqlite3 driver").
        event.listen(engine, "connect", _begin_for_yourself)
        event.listen(engine, "begin", _begin)
    elif engine.dialect.name in {"mysql", "mariadb"}:
        from pytest_darkhost.migrations.mysql_sessions import set_timeouts

        event.listen(engine, "connect", lambda driver, _: _execute(driver, set_timeouts()))
    return engine


def begin_anew(connection: Connection) -> None:
    """Put a session of PostgreSQL that is in no transaction back to its beginning, as if it had been given back."""
    driver: Any = connection.connection.dbapi_connection
    before = driver.autocommit
    driver.autocommit = True
    _execute(driver, "DISCARD ALL")
    driver.autocommit = before


def engine_for_questions(url: URL, **options: Any) -> Engine:
    """
    Return an engine for what is asked on our own behalf.

    On PostgreSQL each new engine would first look for the type hstore, whose values are compared as text here.
    """
    texts = {"use_native_hstore": False} if url.get_driver_name() in {"psycopg", "psycopg2"} else {}
    return create_engine(url, hide_parameters=True, **texts, **options)


def observer_for(url: URL) -> Engine:
    """Return an engine for what is asked of a database between two runs: one connection, which nobody else uses."""
    engine = engine_for_questions(url, pool_size=1)
    if engine.dialect.name == "postgresql":
        from pytest_darkhost.migrations.snapshots.postgresql_asking import keep

        event.listen(engine, "connect", lambda driver, record: keep(driver, record.info))
    return engine


def is_over(connection: Connection) -> bool:
    """Return whether a session was seen to be ended by somebody else: a revision may end the sessions of others."""
    return bool(getattr(connection.connection.dbapi_connection, "closed", False))


def _begin_for_yourself(driver: Any, _: Any) -> None:
    """Let a connection of SQLite begin no transaction, and wait for no disk: nobody needs the file after a crash."""
    driver.isolation_level = None
    driver.execute("PRAGMA synchronous = OFF").close()


def _begin(connection: Connection) -> None:
    """Begin by the driver: each run of `env.py` does, and by SQLAlchemy it takes longer than what most runs change."""
    from pytest_darkhost.migrations.snapshots.sqlite_asking import errors_of_sqlalchemy

    driver: Any = connection.connection.driver_connection
    with errors_of_sqlalchemy():
        driver.execute("BEGIN").close()


def _discard_all(driver: Any, _: Any, state: Any) -> None:
    """Put a session of PostgreSQL back to its beginning: settings, temporary tables, locks, prepared statements."""
    driver.rollback()
    if state.terminate_only:
        return
    driver.autocommit = True
    _execute(driver, "DISCARD ALL")
    driver.autocommit = False


def _execute(driver: Any, statement: str) -> None:
    with closing(driver.cursor()) as cursor:
        cursor.execute(statement)
