"""
The data of an event becomes JSON, for every dialect alike.
"""

from pytest_darkhost.dialects.faults import note
from pytest_darkhost.dialects.json_text import NotJsonError
from pytest_darkhost.dialects.nodes import Node, parse
from pytest_darkhost.dialects.sse import SseEvent


def decoded(event: SseEvent, number: int, faults: list[str]) -> Node | None:
    """Return the JSON of an event, at the path `events[number]`; `None` and a fault where it is none."""
    path = f"events[{number}]"
    try:
        return parse(event.data, path, faults)
    except NotJsonError as error:
        note(faults, f"{path}: {error}, expected JSON")
        return None
