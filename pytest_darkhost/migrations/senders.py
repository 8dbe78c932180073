"""
Who works in databases while `env.py` runs: Alembic and its revisions, we ourselves, or `env.py` besides.

It is seen where a driver makes a cursor, and where an engine connects. What connects without SQLAlchemy is not seen.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

_CARRIERS = frozenset({"sqlalchemy", "psycopg", "psycopg2"})
"""Packages that send what others have said; of these drivers the cursors can be counted."""
_OURS = __package__.partition(".")[0]
_ENV = "env_py"
"""What Alembic calls the module."""
_RUN = ("alembic.runtime.migration", "run_migrations")


def noting_besides(engine: Engine) -> list[str]:
    """
    Return a list that grows with what others than Alembic, revisions and us do on an engine's connections.

    Where a driver does not show its cursors, it grows with each connection: anything may be done.
    """
    besides: list[str] = []
    if engine.dialect.driver in _CARRIERS:
        event.listen(engine, "connect", lambda driver, _: _count_cursors(driver, besides))
    else:
        event.listen(engine, "engine_connect", lambda *_: besides.append("whatever the driver does not show"))
    return besides


@contextmanager
def others_noted(engine: Engine, besides: list[str]) -> Iterator[None]:
    """Let the list grow with each connection that others make meanwhile, by another engine."""

    def noted(connection: Connection, *_: Any) -> None:
        if connection.engine is not engine and not _is_expected():
            besides.append("a connection of another engine")

    event.listen(Engine, "engine_connect", noted)
    try:
        yield
    finally:
        event.remove(Engine, "engine_connect", noted)


def _count_cursors(driver: Any, besides: list[str]) -> None:
    make = driver.cursor_factory or _default_of(driver)

    def made(*arguments: Any, **named: Any) -> Any:
        if not _is_expected():
            besides.append("a cursor")
        return make(*arguments, **named)

    driver.cursor_factory = made


def _default_of(driver: Any) -> Any:
    """Return the class of cursors where none is set, as with psycopg2."""
    return sys.modules[type(driver).__module__].cursor


def _is_expected() -> bool:
    """Return whether we ourselves are the caller, or migrations are run: by a revision, or on the version table."""
    callers = list(_callers(sys._getframe(2)))
    if callers[0][0].startswith(f"{_OURS}."):
        return True
    for module, function in callers:
        if module == _ENV:  # something of its own that is called back
            return False
        if (module, function) == _RUN:
            return True
    return False


def _callers(frame: Any) -> Iterator[tuple[str, str]]:
    """Yield module and function of each caller, from the one who says what is carried out."""
    begun = False
    while frame is not None:
        module = str(frame.f_globals.get("__name__"))
        begun = begun or module.partition(".")[0] not in _CARRIERS
        if begun:
            yield module, frame.f_code.co_name
        frame = frame.f_back
