"""
One revision as a step of Alembic, as it is and with our eyes around its function.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from pytest_darkhost.migrations.heard import Recorded
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.statements import watched
from pytest_darkhost.migrations.steps import Direction

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory


def step_of(script: "ScriptDirectory", revision: Revision, direction: Direction) -> Any:
    """Return Alembic's step for exactly this revision, whatever branches there are."""
    from alembic.runtime.migration import MigrationStep

    make = MigrationStep.upgrade_from_script if direction is Direction.UP else MigrationStep.downgrade_from_script
    return make(script.revision_map, script.get_revision(revision.id))


def watched_step(
    script: "ScriptDirectory",
    revision: Revision,
    direction: Direction,
    context: "MigrationContext",
    recorded: Recorded,
    *,
    then: Callable[[Connection], None] | None,
) -> Any:
    """
    Return the same step, of which is noted what it does.

    :param recorded: grows while the revision's function runs.
    :param then: called once it has returned, before its transaction ends.
    """
    step = step_of(script, revision, direction)
    function = step.migration_fn

    def migrate(**arguments: Any) -> None:
        connection = context.connection
        assert connection is not None, "looked at by is_ours"
        recorded.loud = recorded.loud or any(recorded.noise.size)
        started = time.perf_counter()
        with watched(connection, str(revision.path), recorded.statements):
            try:
                function(**arguments)
            except Exception as error:
                recorded.raised = error
                raise
            finally:
                recorded.elapsed_ms = (time.perf_counter() - started) * 1000
                recorded.said = recorded.noise.size
        if then:
            then(connection)

    step.migration_fn = migrate
    return step
