"""
The URL under which a team's `env.py` finds our database: with the team's own driver, async ones included.

What one driver takes another may refuse: psycopg 3 has the server fill in parameters, psycopg2 does it by itself.
"""

import importlib.util
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL

if TYPE_CHECKING:
    from alembic.config import Config

    from pytest_darkhost.migrations.ini import Place

_ASYNC = re.compile(
    r"\b(?:create_async_engine|async_engine_from_config|AsyncEngine|AsyncConnection)\b|sqlalchemy\.ext\.asyncio"
)
_ASYNC_DRIVERS = {
    "sqlite": ("aiosqlite",),
    "postgresql": ("asyncpg", "psycopg"),
    "mysql": ("aiomysql", "asyncmy"),
    "mariadb": ("aiomysql", "asyncmy"),
}


def own_driver(config: "Config") -> str:
    """Return the kind and driver of the team's own URL as it is written, `postgresql+psycopg2`; nothing without one."""
    # Not interpolated: `%(user)s` may be set by `env.py`.
    written = config.file_config.get(config.config_ini_section, "sqlalchemy.url", raw=True, fallback="")
    return written.partition("://")[0]


def own_url(place: "Place", url: URL) -> URL:
    """Return the URL of a database with the driver that a team uses itself, which may be an async one."""
    return url_for(url, place.driver, f"{place.script.dir}/env.py")


def url_for(url: URL, own: str, env: str) -> URL:
    """
    Return a database's URL with the driver that the team's own URL has, if that is for the same kind of database.

    Where none is configured and `env.py` speaks of async engines, the first async driver that is installed is taken.

    :param own: see `own_driver`.
    """
    backend = url.get_backend_name()
    if own.partition("+")[0] == backend:
        return url.set(drivername=own) if "+" in own else _usual(url)
    if _is_async(env):
        installed = (each for each in _ASYNC_DRIVERS.get(backend, ()) if importlib.util.find_spec(each))
        return url.set(drivername=f"{backend}+{driver}") if (driver := next(installed, None)) else url
    return url


def blocking(found: URL, url: URL) -> URL:
    """Return a URL that `url_for` found if a connection that blocks can be made with it here, else the one before."""
    if found.drivername == url.drivername or not _is_installed(found):
        return url
    return url if found.get_dialect().is_async else found


def _usual(url: URL) -> URL:
    """Return a URL with the driver that SQLAlchemy takes where none is named, if that is there."""
    plain = URL.create(url.get_backend_name())
    usual = url.set(drivername=f"{plain.drivername}+{plain.get_dialect().driver}")
    return usual if _is_installed(usual) else url


def _is_installed(url: URL) -> bool:
    return importlib.util.find_spec(url.get_driver_name()) is not None


def _is_async(env: str) -> bool:
    with suppress(OSError, UnicodeDecodeError):
        return bool(_ASYNC.search(Path(env).read_text(encoding="utf-8")))
    return False
