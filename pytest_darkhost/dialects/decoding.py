"""
The data of an event becomes JSON, for every dialect alike.
"""

from pytest_darkhost.dialects.faults import note
from pytest_darkhost.dialects.json_text import NotJsonError
from pytest_darkhost.dialects.nodes import Node, parse
from pytest_darkhost.dialects.pieces import Piece, PieceKind
from pytest_darkhost.dialects.sse import SseEvent
from pytest_darkhost.dialects.venue_text import repaired


def decoded(event: SseEvent, number: int, faults: list[str]) -> Node | None:
    """Return the JSON of an event, at the path `events[number]`; `None` and a fault where it is none."""
    path = f"events[{number}]"
    try:
        return parse(event.data, path, faults)
    except NotJsonError as error:
        note(faults, f"{path}: {error}, expected JSON")
        return None


def noise(event: SseEvent) -> Piece:
    """Return the piece of an event that is not JSON; one that is named `error` is still an error."""
    if event.event == "error":
        return Piece(PieceKind.ERROR, event.at_ns, failure=repaired(event.data))
    return Piece(PieceKind.NOISE, event.at_ns)
