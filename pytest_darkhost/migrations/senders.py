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
_OURS = f"{__package__.partition('.')[0]}."
_ENV = "env_py"
"""What Alembic calls the module."""
_RUNS, _RUN = "alembic.runtime.migration", "run_migrations"


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
    frame: Any = sys._getframe(2)
    while frame is not None and _module(frame).partition(".")[0] in _CARRIERS:
        frame = frame.f_back
    if frame is not None and _module(frame).startswith(_OURS):
        return True
    while frame is not None and _module(frame) != _ENV:  # beyond that, it is something of its own that is called back
        if frame.f_code.co_name == _RUN and _module(frame) == _RUNS:
            return True
        frame = frame.f_back
    return False


def _module(frame: Any) -> str:
    return str(frame.f_globals.get("__name__"))
