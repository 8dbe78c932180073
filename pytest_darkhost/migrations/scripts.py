"""
A script of SQL run as a database's own client runs it: statements that begin and end transactions themselves.
"""

from typing import Any

from sqlalchemy import Engine


def execute_script(engine: Engine, script: str) -> str:
    """Run a script; return what the database says against it, or nothing."""
    with engine.connect() as connection:
        driver: Any = connection.execution_options(isolation_level="AUTOCOMMIT").connection.driver_connection
        try:
            if engine.dialect.name == "sqlite":
                driver.executescript(script)
            else:
                driver.execute(script)
        except Exception as error:  # each driver has errors of its own
            return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return ""
