"""
A failed verdict as pytest shows it: its text, its place, and no traceback.
"""

from dataclasses import dataclass
from pathlib import Path


class CheckFailedError(AssertionError):
    """A verdict that says failed. pytest shows its text and no traceback."""


@dataclass(frozen=True, slots=True)
class Crash:
    """Where and what, under the names that pytest's short summary and the JSON report look for."""

    path: str
    lineno: int
    message: str

    def __str__(self) -> str:
        # What `--tb=line` prints.
        return f"{self.path}:{self.lineno}: {self.message}"


class FailureText(str):
    """A failure's text that knows its place."""

    reprcrash: Crash

    @classmethod
    def at(cls, text: str, path: Path, line: int, said: str) -> "FailureText":
        """Return the text with a place, 1-based, and what the summary says of it."""
        made = cls(text)
        made.reprcrash = Crash(str(path), line, said)
        return made
