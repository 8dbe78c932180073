"""
What is asked of a history as a whole.
"""

from pytest_darkhost.migrations.history import History
from pytest_darkhost.verdicts import Failed, Passed, Verdict


def single_head(history: History) -> Verdict:
    """Return whether the history ends in one revision, so that `alembic upgrade head` knows where to go."""
    expected = "one head"
    if len(history.heads) == 1:
        return Passed(expected, history.heads[0])
    heads = sorted(history.heads)
    files = tuple(("head", f"{each}: {history.get(each).shown}") for each in heads)
    told = f"{len(heads)} heads ({', '.join(heads)})"
    return Failed(f"{expected}. Join them: alembic merge {' '.join(heads)}", told, files)
