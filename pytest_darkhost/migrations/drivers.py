"""
The URL under which a team's `env.py` finds our database: with the team's own driver, async ones included.
"""

import importlib.util
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

if TYPE_CHECKING:
    from alembic.config import Config

_ASYNC = re.compile(
    r"\b(?:create_async_engine|async_engine_from_config|AsyncEngine|AsyncConnection)\b|sqlalchemy\.ext\.asyncio"
)
_ASYNC_DRIVERS = {
    "sqlite": ("aiosqlite",),
    "postgresql": ("asyncpg", "psycopg"),
    "mysql": ("aiomysql", "asyncmy"),
    "mariadb": ("aiomysql", "asyncmy"),
}


def url_for(url: URL, config: "Config", env: str) -> URL:
    """
    Return a database's URL with the driver that the team's own URL has, if that is for the same kind of database.

    Where none is configured and `env.py` speaks of async engines, the first async driver that is installed is taken.
    """
    backend = url.get_backend_name()
    drivername = _configured(config)
    if drivername.partition("+")[0] == backend:
        return url.set(drivername=drivername) if "+" in drivername else url
    if _is_async(env):
        installed = (each for each in _ASYNC_DRIVERS.get(backend, ()) if importlib.util.find_spec(each))
        return url.set(drivername=f"{backend}+{driver}") if (driver := next(installed, None)) else url
    return url


def _configured(config: "Config") -> str:
    with suppress(ArgumentError, ValueError):
        return make_url(config.get_main_option("sqlalchemy.url") or "").drivername
    return ""


def _is_async(env: str) -> bool:
    with suppress(OSError, UnicodeDecodeError):
        return bool(_ASYNC.search(Path(env).read_text(encoding="utf-8")))
    return False
