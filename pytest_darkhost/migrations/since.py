"""
Which revisions are new: those that are not below a given one, or whose files were added or changed since a git commit.
"""

import subprocess
from difflib import get_close_matches
from pathlib import Path

from pytest_darkhost.errors import UsageError
from pytest_darkhost.migrations.history import History

_TIMEOUT_S = 20


def new_since(history: History, since: str) -> frozenset[str]:
    """
    Return the ids of the revisions that are newer than a revision (an id or its unique beginning) or a git commit.

    :raises UsageError: it is neither.
    """
    ids = [each.id for each in history.revisions]
    found = [each for each in ids if each == since] or [each for each in ids if each.startswith(since)]
    if len(found) == 1:
        return frozenset(ids) - _with_all_below(history, found[0])
    commit = _git(history, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{since}^{{commit}}")
    if not commit:
        near = ", ".join(get_close_matches(since, ids, n=3) or ids[-3:])
        msg = (
            f"--darkhost-since: {since!r} is neither a revision of {history.place.shown} nor a git commit, "
            f"expected one of them, such as {near}"
        )
        raise UsageError(msg)
    return _changed(history, commit[0])


def _with_all_below(history: History, revision_id: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = [revision_id]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += history.get(each).below
    return frozenset(found)


def _changed(history: History, commit: str) -> frozenset[str]:
    """Return the revisions whose files differ from a commit, those that git does not know yet included."""
    tracked = _git(history, "diff", "--name-only", "--relative", "--diff-filter=d", commit, "--", ".")
    untracked = _git(history, "ls-files", "--others", "--exclude-standard", "--", ".")
    places = {Path(name).name for name in (*tracked, *untracked)}
    return frozenset(each.id for each in history.revisions if each.path.name in places)


def _git(history: History, *arguments: str) -> list[str]:
    """Return the lines that git prints, of each directory of revisions; none where it fails or is not there."""
    lines: list[str] = []
    for place in history.place.versions:
        command = ("git", "-C", str(place), "-c", "core.quotePath=off", *arguments)
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and the user's word stands behind --end-of-options
                command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return []
        lines += done.stdout.splitlines() if done.returncode == 0 else []
    return lines
