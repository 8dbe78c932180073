"""
What git says of the files of a checkout, and of those of its submodules. Knows nothing of a run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_darkhost.provenance.git import git

_SUBMODULE = "160000"
"""The mode of an entry that stands for a commit (git-ls-files(1))."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """The files of a checkout by their paths, relative to its top."""

    branch: str | None
    """`None` where none is checked out."""
    tracked: frozenset[str]
    changed: frozenset[str]
    """Not as committed: also what is not tracked, unless it is ignored."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One of the index."""

    path: str
    is_hidden: bool
    """Whether git was told not to look (`assume-unchanged`, `skip-worktree`: git-update-index(1))."""
    is_submodule: bool


def top_of(directory: Path) -> Path:
    """
    Return the top of the checkout that a directory is in.

    :raises GitError: there is none, or no git.
    """
    return Path(git(directory, "rev-parse", "--show-toplevel").removesuffix("\n"))


def read_checkout(top: Path) -> Checkout:
    """
    Return what git says of a checkout; of each submodule in it as well, whatever is configured to be ignored of it.

    :raises GitError: no answer.
    """
    entries = tuple(_entries(top))
    status = git(
        top,
        *no_filters(top),
        "status",
        "--porcelain=v2",
        "--branch",
        "-z",
        "--untracked-files=all",
        "--ignore-submodules=dirty",  # else git would ask in each by itself, and run what is configured there
    )
    tracked = {entry.path for entry in entries}
    changed = {*_changed(status), *(entry.path for entry in entries if entry.is_hidden)}
    for path in (entry.path for entry in entries if entry.is_submodule):
        below = _read_submodule(top, path)
        tracked |= below.tracked
        changed |= below.changed
    return Checkout(_branch(status), frozenset(tracked), frozenset(changed))


def tracked_below(top: Path) -> frozenset[str]:
    """
    Return the paths of all files that are tracked, in submodules too.

    :raises GitError: no answer.
    """
    found: set[str] = set()
    for entry in _entries(top):
        found.add(entry.path)
        if entry.is_submodule and _is_checked_out(top / entry.path):
            found |= {f"{entry.path}/{path}" for path in tracked_below(top / entry.path)}
    return frozenset(found)


def _read_submodule(top: Path, path: str) -> Checkout:
    place = top / path
    if not _is_checked_out(place):
        # Without a repository there git looks at nothing that somebody has put there.
        is_empty = not place.is_dir() or not any(place.iterdir())
        return Checkout(None, frozenset(), frozenset() if is_empty else frozenset({path}))
    found = read_checkout(place)
    tracked, changed = (frozenset(f"{path}/{each}" for each in paths) for paths in (found.tracked, found.changed))
    return Checkout(found.branch, tracked, changed)


def _is_checked_out(place: Path) -> bool:
    return not place.is_symlink() and (place / ".git").exists()


def no_filters(top: Path) -> list[str]:
    """Return what keeps git from running clean filters (gitattributes(5)): one could undo any change."""
    names = set(git(top, "config", "--null", "--name-only", "--list").split("\0"))
    drivers = {name.rpartition(".")[0] for name in names if name.startswith("filter.")}
    settings = ("clean=", "process=", "required=false")
    return [word for driver in sorted(drivers) for each in settings for word in ("-c", f"{driver}.{each}")]


def _entries(top: Path) -> Iterator[_Entry]:
    """Yield the entries of `git ls-files -s -v`: tag, mode, object, stage, a tab, path."""
    for entry in git(top, "ls-files", "-s", "-v", "-z").split("\0"):
        about, _, path = entry.partition("\t")
        if path:
            tag, mode, *_ = about.split(" ")
            yield _Entry(path, tag.islower() or tag == "S", mode == _SUBMODULE)


def _changed(status: str) -> Iterator[str]:
    """Yield the paths of `git status --porcelain=v2 -z`; of a renamed file both."""
    fields = iter(status.split("\0"))
    columns = {"1": 8, "2": 9, "u": 10, "?": 1}
    for entry in fields:
        kind = entry[:1]
        if kind in columns:
            yield entry.split(" ", columns[kind])[-1]
        if kind == "2":
            yield next(fields)


def _branch(status: str) -> str | None:
    heads = (entry.removeprefix("# branch.head ") for entry in status.split("\0") if entry.startswith("# branch.head "))
    head = next(heads, "(detached)")
    return None if head == "(detached)" else head
