"""
The SQL of a revision, as `alembic upgrade --sql` and `alembic downgrade --sql` print it through `env.py`. None is run.
"""

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_darkhost.migrations.alembic_step import step_of
from pytest_darkhost.migrations.environment import Workplace
from pytest_darkhost.migrations.heard import Recorded
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.ini import configuration
from pytest_darkhost.migrations.offers import Offer
from pytest_darkhost.migrations.steps import Direction, Raised

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext


def elsewhere(workplace: Workplace, url: str) -> Workplace:
    """Return the place with another database, for printing: nobody connects to it."""
    config = configuration(workplace.history.place.ini)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return replace(workplace, url=url, config=config, offer=Offer.URL, modules={})


def printed(workplace: Workplace, revision: Revision, direction: Direction, x: Sequence[str] = ()) -> str | Raised:
    """
    Return the SQL of one way, or what was raised instead.

    :param x: goes behind what `-x` says.
    """
    buffer = io.StringIO()
    workplace.config.output_buffer = buffer

    def steps(_: Any, __: "MigrationContext") -> list[Any]:
        return [step_of(workplace.history.place.script, revision, direction)]

    below = ",".join(revision.below) or "base"
    start, end = (below, revision.id) if direction is Direction.UP else (revision.id, below)
    workplace.say(direction, f"{start}:{end}", x, as_sql=True)
    heard = workplace.through_env(steps, Recorded(), as_sql=True, starting_rev=start, destination_rev=end)
    return Raised.of(heard.error, str(revision.path)) if heard.error else buffer.getvalue()
