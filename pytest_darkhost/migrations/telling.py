"""
What one run of `env.py` says of a revision: a step, or that `env.py` does not do as Alembic has it.
"""

from typing import TYPE_CHECKING

from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.heard import Heard, Recorded
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.steps import Direction, Raised, Step

if TYPE_CHECKING:
    from pytest_darkhost.migrations.environment import Workplace


def told(workplace: "Workplace", revision: Revision, direction: Direction, recorded: Recorded, heard: Heard) -> Step:
    """
    Return what happened when one revision was run; whatever it raised is part of that.

    :raises HistoryError: `env.py` works in another database, or did not commit.
    """
    if isinstance(heard.error, HistoryError):
        raise heard.error
    moved = (revision.id in heard.heads) is (direction is Direction.UP)
    error, output = heard.error, heard.output
    if error is None and recorded.raised and not moved:
        error, output = recorded.raised, f"{output}{workplace.env} caught it: alembic would end well\n"
    elif error is None and not moved:
        # What `env.py` did not commit, or did elsewhere, is not in our version table.
        msg = (
            f"{workplace.env}: {direction} of {revision.id!r} left the version table at "
            f"{', '.join(heard.heads) or 'base'}, expected it to move. Does env.py commit?"
        )
        raise HistoryError(msg)
    return Step(
        revision.id,
        direction,
        tuple(recorded.statements),
        recorded.elapsed_ms,
        Raised.of(error, str(revision.path)) if error else None,
        output,
        heard.warnings,
        bare=_was_bare(workplace, recorded, heard),
    )


def _was_bare(workplace: "Workplace", recorded: Recorded, heard: Heard) -> bool:
    shared = recorded.context is not None and workplace.shares(recorded.context)
    return shared and recorded.contexts == 1 and not (workplace.besides or heard.loud)
