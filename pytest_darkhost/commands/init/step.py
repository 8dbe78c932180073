"""
What is to be done with one file.
"""

from dataclasses import dataclass
from pathlib import Path

from pytest_darkhost.commands.placing import Draft


@dataclass(frozen=True, slots=True)
class Step:
    """One file, and what becomes of it."""

    path: Path
    line: str
    """What is said of it."""
    draft: Draft | None = None
    """`None`: it is left."""
    news: str = ""
    """The lines that are new."""


def written(path: Path, text: str) -> Step:
    """Return the step that writes a file where there is none."""
    return Step(path, f"written  {path}", Draft(path, text), text)


def added(path: Path, before: str, text: str, news: str, note: str = "") -> Step:
    """Return the step that adds lines to a file."""
    count = len(news.splitlines())
    lines = f"{count} line{'' if count == 1 else 's'}"
    return Step(path, f"added to {path}: {lines}{note}", Draft(path, text, before), news)


def left(path: Path, why: str) -> Step:
    """Return the step that leaves a file alone."""
    return Step(path, f"left     {path}: {why}")
