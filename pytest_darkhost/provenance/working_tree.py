"""
The working tree that a run starts from: commit, branch, remote, and whether what the run reads is what was committed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from pytest_darkhost import semconv
from pytest_darkhost.provenance.checkout import read_checkout, top_of, tracked_below
from pytest_darkhost.provenance.git import git

MOST_CHANGES = 20
_CACHES = frozenset({"__pycache__", ".pytest_cache"})
_CODE = frozenset({".py", ".pyc", ".pyi", ".so"})


@dataclass(frozen=True, slots=True)
class WorkingTree:
    """A checkout at one moment."""

    revision: str
    """The commit's id."""
    branch: str | None
    """`None` where no branch is checked out."""
    remote: str | None
    """URL without user information."""
    changes: tuple[str, ...]
    """Paths, relative to the top, that are not as they were committed; sorted, all of them."""

    @property
    def dirty(self) -> bool:
        """Whether anything is not as it was committed."""
        return bool(self.changes)

    def record(self) -> dict[str, object]:
        """Return a JSON-safe object."""
        return {
            semconv.VCS_REPOSITORY_URL_FULL: self.remote,
            semconv.VCS_REF_HEAD_REVISION: self.revision,
            semconv.VCS_REF_HEAD_NAME: self.branch,
            "dirty": self.dirty,
            "changes": [_printable(path) for path in self.changes[:MOST_CHANGES]],
        }


@dataclass(frozen=True, slots=True)
class Roles:
    """What files are to a run."""

    inputs: Collection[Path]
    """Read by it, wherever they lie: each must be tracked, and not ignored."""
    outputs: Collection[Path]
    """Written by runs: files, and directories in which everything but code is left out."""


def read_tree(directory: Path, roles: Roles) -> WorkingTree:
    """
    Return the working tree that a directory is in.

    Files that git does not track count unless they are ignored; so do those of which git was told not to look, and
    those of submodules.

    :raises GitError: no repository, no git, no commit yet, no answer.
    """
    top = top_of(directory)
    revision = git(top, "rev-parse", "--verify", "HEAD^{commit}").strip()
    checkout = read_checkout(top)
    inputs = {place for file in roles.inputs for place in (file, file.resolve())}
    own = {path for file in inputs if (path := _below(top, file))}
    outputs = tuple(path for output in roles.outputs if (path := _below(top, output)))
    changes = {path for path in checkout.changed if path in own or not _is_output(path, outputs)}
    strangers = (own - checkout.tracked) | {str(file) for file in inputs if not _below(top, file)}
    return WorkingTree(revision, checkout.branch, _remote(top), tuple(sorted(changes | strangers)))


def untracked(directory: Path, inputs: Collection[Path]) -> tuple[str, ...]:
    """
    Return those of some files that git does not track, sorted, as `WorkingTree.changes` names them.

    :raises GitError: as `read_tree`.
    """
    top = top_of(directory)
    own = {_below(top, file) or str(file) for file in inputs}
    return tuple(sorted(own - tracked_below(top)))


def _below(top: Path, path: Path) -> str:
    """Return a path relative to the top as git writes it; empty for one that is elsewhere, or the top itself."""
    parent = path.parent.resolve()
    real = parent / path.name if path.name else parent
    if real == top.resolve() or not real.is_relative_to(top.resolve()):
        return ""
    return real.relative_to(top.resolve()).as_posix()


def _is_output(path: str, outputs: tuple[str, ...]) -> bool:
    """Return whether runs write a file. Code is none, wherever it lies."""
    parts = path.split("/")
    if not _CACHES.isdisjoint(parts[:-1]):
        return True
    inside = any(path == output or path.startswith(f"{output}/") for output in outputs)
    return inside and Path(path).suffix not in _CODE


def _remote(top: Path) -> str | None:
    """Return the URL of `origin`, else of the first remote, as it is configured."""
    listing = git(top, "config", "--null", "--name-only", "--list")
    urls = sorted(name for name in listing.split("\0") if name.startswith("remote.") and name.endswith(".url"))
    if not urls:
        return None
    name = "remote.origin.url" if "remote.origin.url" in urls else urls[0]
    return without_user(git(top, "config", "--get", name).strip())


def without_user(url: str) -> str:
    """Return a remote's URL without user information, query and fragment; `git@host:path` is `host:path`."""
    if "://" not in url:
        before, at, after = url.partition("@")
        return after if at and "/" not in before else url
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _printable(path: str) -> str:
    """Return a path as JSON can carry it: names on Unix are bytes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
