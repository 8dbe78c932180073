"""
Which revisions are new: those that are not below a given one, or whose files were added or changed since a git commit.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.history import History
from pytest_darkhost.provenance.changes import changed_files, commit_of
from pytest_darkhost.provenance.git import GitError


def new_since(history: History, since: str) -> frozenset[str]:
    """
    Return the ids of the revisions that are newer than a revision (an id or its unique beginning) or a git commit.

    :raises UsageError: it is neither.
    """
    ids = [each.id for each in history.revisions]
    found = [each for each in ids if each == since] or [each for each in ids if each.startswith(since)]
    if len(found) == 1:
        return frozenset(ids) - _with_all_below(history, found[0])
    commits = {place: commit_of(place, since) for place in history.place.versions}
    if not all(commits.values()):
        near = ", ".join(get_close_matches(since, ids, n=3) or ids[-3:])
        msg = (
            f"--darkhost-since: {since!r} is neither a revision of {history.place.shown} nor a git commit, "
            f"expected one of them, such as {near}"
        )
        raise UsageError(msg)
    return _changed(history, commits)


def _with_all_below(history: History, revision_id: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = [revision_id]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += history.get(each).below
    return frozenset(found)


def _changed(history: History, commits: Mapping[Path, str | None]) -> frozenset[str]:
    """Return the revisions whose files differ from a commit, in each directory of revisions."""
    try:
        found = [changed_files(place, commit) for place, commit in commits.items() if commit]
    except GitError as error:
        msg = f"--darkhost-since: {error}, expected git to say what has changed"
        raise UsageError(msg) from None
    changed = {file.resolve() for files in found for file in files}
    return frozenset(each.id for each in history.revisions if each.path in changed)
