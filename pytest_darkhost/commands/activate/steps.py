"""
What a person types once the revision is there: try it, apply it, verify it, and how to take it back.
"""

import shlex
from dataclasses import dataclass
from pathlib import Path

from pytest_darkhost.commands.activate.facts import BASE, Drafted, Existing
from pytest_darkhost.commands.activate.gate import Problem


@dataclass(frozen=True, slots=True)
class Step:
    """One command."""

    name: str
    command: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What a command line must name because the settings do not."""

    alembic: Path | None = None
    """`None` where `alembic` finds its file by itself."""
    history: Path | None = None
    """`None` where pytest's settings name it."""
    catalog: str | None = None
    """The database without its password; `None` where the settings or the environment name it."""


def steps(found: Drafted | Existing | Problem, venue: str, typed: Typed) -> tuple[Step, ...]:
    """Return the commands, in the order in which they are typed; the last one only if it must be."""
    if isinstance(found, Problem):
        return ()
    alembic = ["alembic", *(["-c", str(typed.alembic)] if typed.alembic else [])]
    history = [f"--darkhost-alembic={typed.history}"] if typed.history else []
    catalog = [f"--darkhost-catalog={typed.catalog}"] if typed.catalog else []
    commands = {
        "try": ["pytest", "-m", "migration", *history, *_since(found.since)],
        "apply": [*alembic, "upgrade", found.revision],
        "verify": ["pytest", "-m", "deployed", f"--venue={venue}", *history, *catalog],
        "roll back": [*alembic, "downgrade", found.below],
    }
    return tuple(Step(name, shlex.join(words)) for name, words in commands.items())


def _since(revision: str) -> list[str]:
    return [] if revision == BASE else [f"--darkhost-since={revision}"]
