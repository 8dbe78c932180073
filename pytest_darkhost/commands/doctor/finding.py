"""
One thing that was looked at.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What was found."""

    FINE = "fine"
    NOTE = "note"
    """Something that a run may want, and that is not here."""
    WRONG = "wrong"
    """A run would fail or be refused."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is, and what to do about it."""

    area: str
    state: State
    text: str
    to_do: str = ""


def fine(area: str, text: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(area, State.FINE, text)


def note(area: str, text: str, to_do: str) -> Finding:
    """Return that something is not there, which may be all right."""
    return Finding(area, State.NOTE, text, to_do)


def wrong(area: str, text: str, to_do: str = "") -> Finding:
    """Return that something is wrong."""
    return Finding(area, State.WRONG, text, to_do)
