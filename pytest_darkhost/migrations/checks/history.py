"""
What is asked of a history as a whole.
"""

from pytest_darkhost.migrations.history import History
from pytest_darkhost.verdicts import Failed, Passed, Verdict


def single_head(history: History) -> Verdict:
    """
    Return whether the history ends in one revision, so that `alembic upgrade head` knows where to go.

    Several are meant where each is the head of a branch that has a label of its own (`alembic upgrade label@head`).
    """
    expected = "one head"
    if len(history.heads) == 1:
        return Passed(expected, history.heads[0])
    heads = sorted(history.heads)
    labels = [_labels(history, each) for each in heads]
    if all(labels):
        return Passed(f"{expected} of each labelled branch", ", ".join(map("@".join, zip(labels, heads, strict=True))))
    files = tuple(("head", f"{each}: {history.get(each).shown}") for each in heads)
    told = f"{len(heads)} heads ({', '.join(heads)})"
    return Failed(f"{expected}. Join them: alembic merge {' '.join(heads)}", told, files)


def _labels(history: History, head: str) -> str:
    """Return the branch labels that one head has and no other, or nothing."""
    labels = {each: history.place.script.get_revision(each).branch_labels for each in history.heads}
    others = set().union(*(names for each, names in labels.items() if each != head))
    return "/".join(sorted(labels[head] - others))
