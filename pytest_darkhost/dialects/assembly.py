"""
The pieces of a stream, or the one piece of a whole answer, become an answer. Knows no dialect.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pytest_darkhost.dialects.pieces import Piece, PieceKind
from pytest_darkhost.dialects.tool_calls import assembled
from pytest_darkhost.dialects.venue_text import repaired
from pytest_darkhost.observations import Answer, Delta, ErrorKind, StreamEnd, Usage

NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class StreamReading:
    """What all events of a stream said together."""

    end: StreamEnd
    answer: Answer | None
    """`None` where no event bore the dialect's marker."""
    deltas: tuple[Delta, ...]
    usages: tuple[Usage, ...]
    failure: Any
    """The JSON value of the first error event; `None` without one."""
    problem: ErrorKind | None
    """Why nothing could be read: `WRONG_DIALECT` or `NOT_JSON`."""


def answer(pieces: Iterable[Piece]) -> Answer:
    """Return the answer that pieces make up. Of model and id the first counts, of finish reasons the last."""
    parts = tuple(pieces)
    calls = assembled(tool for part in parts for tool in part.tools)
    return Answer(
        text=repaired("".join(part.text for part in parts)),
        reasoning=repaired("".join(part.reasoning for part in parts)),
        tool_calls=calls,
        finish_reason=_finish_reason(parts, calls=bool(calls)),
        model=next((part.model for part in parts if part.model is not None), None),
        id=next((part.id for part in parts if part.id is not None), None),
    )


def stream(pieces: Iterable[Piece], *, unfinished: bool) -> StreamReading:
    """
    Return what a stream said and how it ended.

    `unfinished` says that the body ends within an event. A stream of which nothing arrived but the beginning of
    an event is cut, not empty.
    """
    parts = tuple(pieces)
    said = answer(parts) if any(part.kind is PieceKind.ANSWER for part in parts) else None
    failure = next((part.failure for part in parts if part.kind is PieceKind.ERROR), None)
    return StreamReading(
        end=_end(parts, said, unfinished=unfinished),
        answer=said,
        deltas=tuple(delta for part in parts if (delta := _delta(part)) is not None),
        usages=tuple(part.usage for part in parts if part.usage is not None),
        failure=failure,
        problem=None if said else _problem({part.kind for part in parts}),
    )


def _finish_reason(parts: tuple[Piece, ...], *, calls: bool) -> str | None:
    """Return the last finish reason. An empty one counts beside tool calls only: xAI sends it there."""
    reasons = [part.finish_reason for part in parts if part.finish_reason is not None]
    full = [reason for reason in reasons if reason]
    return full[-1] if full else "" if reasons and calls else None


def _end(parts: tuple[Piece, ...], said: Answer | None, *, unfinished: bool) -> StreamEnd:
    kinds = {part.kind for part in parts}
    if PieceKind.ERROR in kinds:
        return StreamEnd.ERROR_EVENT
    if not parts and not unfinished:
        return StreamEnd.EMPTY
    if PieceKind.DONE not in kinds:
        return StreamEnd.CUT
    return StreamEnd.NO_FINISH_REASON if said is None or said.finish_reason is None else StreamEnd.COMPLETE


def _delta(piece: Piece) -> Delta | None:
    """Return a delta for a piece that carries something generated; a bare role, a ping or usage is none."""
    tool = bool(piece.tools) and any(fragment.name or fragment.arguments for fragment in piece.tools)
    if not (piece.text or piece.reasoning or tool):
        return None
    return Delta(piece.at_ns / NS_PER_MS, piece.text, piece.reasoning, tool=tool)


def _problem(kinds: set[PieceKind]) -> ErrorKind | None:
    if kinds & {PieceKind.ERROR, PieceKind.DONE}:
        return None
    if PieceKind.ALIEN in kinds:
        return ErrorKind.WRONG_DIALECT
    return ErrorKind.NOT_JSON if PieceKind.NOISE in kinds else None
