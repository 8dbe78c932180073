"""A repository of git in a directory of a test, under the name of nobody."""

import subprocess
from pathlib import Path

_AUTHOR = ("-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")


def git(root: Path, *arguments: str) -> str:
    """Run git as a user would, and return what it prints."""
    command = ("git", *_AUTHOR, *arguments)
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def commit_all(root: Path) -> str:
    """Commit everything that is not ignored, into a new repository where there is none; return the commit's id."""
    if not (root / ".git").exists():
        git(root, "init", "-q", "-b", "trunk")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "all of it")
    return git(root, "rev-parse", "HEAD").strip()
