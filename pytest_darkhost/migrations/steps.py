"""
What one run of a revision was: its statements, its time, what it printed and what it raised. Runs nothing.
"""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pytest_darkhost.migrations.statements import Statement

_MOST_SHOWN = 300


class Direction(StrEnum):
    """Which function of the revision."""

    UP = "upgrade"
    DOWN = "downgrade"


@dataclass(frozen=True, slots=True)
class Raised:
    """What ended a run."""

    kind: str
    """The name of the exception's class."""
    text: str
    """The first lines of what it says."""
    line: int | None
    """1-based line of the revision file that it passed through last."""
    refused: bool = False
    """Whether it was a `NotImplementedError`."""
    deliberate: bool = False
    """Whether the revision file raised it itself."""

    @classmethod
    def of(cls, error: BaseException, path: str) -> "Raised":
        """Return what an exception says to the author of a revision file."""
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
        told = _drivers_own(getattr(error, "orig", None) or error)
        last = frames[-1] if frames else None
        deliberate = bool(last and (last.line or "").startswith("raise "))
        refused = isinstance(error, NotImplementedError)
        return cls(type(told).__name__, first_line(told), last.lineno if last else None, refused, deliberate)

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}" if self.text else self.kind


@dataclass(frozen=True, slots=True)
class Step:
    """One run of one revision in one direction."""

    revision: str
    direction: Direction
    statements: tuple[Statement, ...] = ()
    elapsed_ms: float = 0
    """Of the revision's function alone."""
    raised: Raised | None = None
    output: str = ""
    """What `env.py` and the revision printed."""
    warnings: tuple[str, ...] = ()
    bare: bool = False
    """Whether `env.py` did nothing besides: it ran Alembic on a connection of ours, and sent no statement itself."""

    @property
    def data(self) -> tuple[Statement, ...]:
        """The statements that write rows."""
        return tuple(each for each in self.statements if each.is_data)


@dataclass(frozen=True, slots=True)
class Hooks:
    """How else `env.py` learns of the database, where it honours neither connection nor `sqlalchemy.url`."""

    x: tuple[str, ...] = ()
    """Arguments as after `alembic -x`; `{url}` stands for the database."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """Environment variables; `{url}` stands for the database."""


def _drivers_own(error: BaseException) -> BaseException:
    """Return what an async driver raised, where SQLAlchemy has put an error of its own around it."""
    wrapped = type(error).__module__.startswith("sqlalchemy.dialects.") and error.__cause__
    return wrapped or error


def first_line(error: BaseException) -> str:
    """Return the first paragraph of what an exception says, in one line."""
    text = " ".join(str(error).strip().split("\n\n", maxsplit=1)[0].split())
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
