"""
Finds the way in which a team's `env.py` takes our database. It is run with nothing to migrate: nothing is written.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.environment import Workplace
from pytest_darkhost.migrations.heard import Recorded
from pytest_darkhost.migrations.offers import APPLICATION, DOCUMENTED, EVENT_LOOP, ONCE, SEVERAL, Offer
from pytest_darkhost.migrations.own_modules import refuses_again
from pytest_darkhost.migrations.steps import Raised

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

_MOST_SAID = 200
_NO_EVENT_LOOP = re.compile(r"NoEventLoop|no (?:running|current) event loop|AnyIO worker thread|not in async context")
"""AnyIO; asyncio; older AnyIO; sniffio."""


@dataclass(slots=True)
class _Look:
    """What was seen of one run. Grows while it runs."""

    ours: list[bool] = field(default_factory=list)
    version_table: str = ""


def settled(workplace: Workplace) -> tuple[Workplace, str]:
    """
    Return the place with the first offer that `env.py` takes, and the name of its version table, qualified if it is so.

    :raises HistoryError: it takes none, raises, or does not run its migrations.
    """
    faults: list[str] = []
    for offer in Offer:
        tried = replace(workplace, offer=offer)
        look, fault = _look(tried)
        if fault is None:
            return tried, look.version_table
        faults.append(fault)
    raise HistoryError(faults[0])


def _look(workplace: Workplace) -> tuple[_Look, str | None]:
    """Return what was seen, and what is wrong with it."""
    look = _Look()

    def steps(_: Any, context: "MigrationContext") -> list[Any]:
        look.ours.append(workplace.is_ours(context))
        look.version_table = ".".join(filter(None, (context.version_table_schema, context.version_table)))
        return []

    heard = workplace.through_env(steps, Recorded(), dont_mutate=True)
    if heard.error:
        return look, _told(heard.error, workplace, heard.output)
    if not look.ours:
        return look, f"{workplace.env}: it ran no migrations, expected a call of context.run_migrations()"
    if all(look.ours):
        return look, None
    return look, f"{workplace.env}: it works in {SEVERAL if len(look.ours) > 1 else f'another database, {DOCUMENTED}'}"


def _told(error: BaseException, workplace: Workplace, output: str) -> str:
    file = f"{workplace.history.place.script.dir}/env.py"
    raised = Raised.of(error, file)
    line = error.lineno if isinstance(error, SyntaxError) and error.filename == file else raised.line
    place = f"{workplace.env}:{line}" if line else workplace.env
    # Who ends the process has said why on standard output; any other error says it by itself.
    said = " ".join(output.split())[-_MOST_SAID:] if isinstance(error, SystemExit) else ""
    return f"{place}: {raised}{f' ({said})' if said else ''}, {_what_to_do(error, workplace.hooks.environ)}"


def _what_to_do(error: BaseException, environ: Mapping[str, str]) -> str:
    from alembic.config import Config

    # An attribute of the configuration that nobody has set; `current_app` of Flask, which says so in its own words.
    if isinstance(getattr(error, "obj", None), Config) or "application context" in str(error):
        return APPLICATION
    if _NO_EVENT_LOOP.search(f"{type(error).__name__}: {error}"):
        return EVENT_LOOP
    if refuses_again(error, environ):
        return ONCE
    broken = isinstance(error, (ImportError, SyntaxError, NameError))
    return "expected it to run as it does under alembic" if broken else DOCUMENTED
