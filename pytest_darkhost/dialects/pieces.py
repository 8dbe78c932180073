"""
What one event of a stream, or one whole JSON answer, says: the common ground of the dialects.

Pieces are made by a dialect (`openai`, `anthropic`) and put together by `assembly`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pytest_darkhost.dialects.nodes import Node
from pytest_darkhost.dialects.sse import SseEvent
from pytest_darkhost.observations import Usage


class PieceKind(StrEnum):
    """What sort of event a piece was read from."""

    ANSWER = "answer"
    """Bears the dialect's own marker."""
    DONE = "done"
    """The dialect's terminator."""
    ERROR = "error"
    """The venue reports an error."""
    IDLE = "idle"
    """Says nothing, as documented, such as a ping."""
    ALIEN = "alien"
    """JSON without the dialect's marker."""
    NOISE = "noise"
    """Not JSON."""


@dataclass(frozen=True, slots=True)
class ToolFragment:
    """A part of a tool call, or a whole one."""

    index: int | None = None
    """`None` where the venue gives none."""
    id: str | None = None
    name: str = ""
    arguments: str = ""
    """JSON text, or a part of it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event said."""

    kind: PieceKind = PieceKind.ANSWER
    at_ns: int = 0
    text: str = ""
    reasoning: str = ""
    tools: tuple[ToolFragment, ...] = ()
    finish_reason: str | None = None
    """Empty where the venue sends an empty one."""
    usage: Usage | None = None
    model: str | None = None
    id: str | None = None
    failure: Any = None
    """The JSON value of an error event."""


@dataclass(frozen=True, slots=True)
class Format:
    """The reading half of a dialect."""

    title: str
    """What a whole answer is called, with its article."""
    speaks: Callable[[Any], bool]
    """Whether a JSON value bears the marker of a whole answer."""
    message: Callable[[Node], Piece]
    """Reads a whole answer."""
    pieces: Callable[[tuple[SseEvent, ...], list[str]], Iterator[Piece]]
    """Reads the events of a stream, noting faults."""
