"""
A script of SQL run as a database's own client runs it: statements that begin and end transactions themselves.
"""

from contextlib import closing
from typing import Any

from sqlalchemy import Engine

from pytest_darkhost.migrations.rows.sql_files import statements


def execute_script(engine: Engine, script: str) -> str:
    """Run a script; return what the database says against it, or nothing."""
    with engine.connect() as connection:
        driver: Any = connection.execution_options(isolation_level="AUTOCOMMIT").connection.driver_connection
        try:
            if engine.dialect.name == "sqlite":
                driver.executescript(script)
                return ""
            # Drivers of MySQL take one statement at a time; those of PostgreSQL take them all.
            one_by_one = engine.dialect.name in {"mysql", "mariadb"}
            parts = [each.text for each in statements(script)] if one_by_one else [script]
            with closing(driver.cursor()) as cursor:
                for each in parts:
                    cursor.execute(each)
        except Exception as error:  # each driver has errors of its own
            return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return ""
