"""
Which files of a directory are not as a commit has them. Nothing that a repository configures runs.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pytest_darkhost.provenance.checkout import no_filters
from pytest_darkhost.provenance.git import GitError, git


def commit_of(directory: Path, reference: str) -> str | None:
    """Return the id of the commit that a reference names; `None` where it names none, or there is no repository."""
    with suppress(GitError):
        wanted = f"{reference}^{{commit}}"
        return git(directory, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted).strip()
    return None


def changed_files(directory: Path, commit: str) -> frozenset[Path]:
    """
    Return the files below a directory that differ from a commit, those that git does not know yet included.

    :raises GitError: git does not say.
    """
    return frozenset(directory / name for name in _changed(directory, commit))


def _changed(directory: Path, commit: str) -> Iterator[str]:
    """Yield names from the directory on, of files that are there."""
    how = ("--name-only", "-z", "--relative", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty")
    yield from _names(git(directory, *no_filters(directory), "diff", *how, "--diff-filter=d", commit, "--", "."))
    yield from _names(git(directory, "ls-files", "-z", "--others", "--exclude-standard", "--", "."))


def _names(listing: str) -> Iterator[str]:
    return (name for name in listing.split("\0") if name)
