"""
A gate on the way to a lit model: open, or shut, and why.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate, as it is told."""

    name: str
    """`keys`, `path`, `evidence` or `migration`."""
    is_open: bool
    text: str
    """What is."""
    to_do: str = ""
    """What opens it; nothing where it is open."""

    @property
    def state(self) -> str:
        """`open` or `shut`."""
        return "open" if self.is_open else "shut"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something could not be looked at."""

    text: str
    to_do: str
