"""Events of a server-sent stream before they are bytes (WHATWG HTML, 9.2)."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One event."""

    data: Any
    """JSON, or text that is sent as it is, such as `[DONE]`."""
    name: str | None = None
    padding: int = 0
    """Blanks before the closing brace, as Anthropic sends them."""

    @property
    def text(self) -> str:
        """The data field."""
        if isinstance(self.data, str):
            return self.data
        dumped = json.dumps(self.data, separators=(",", ":"), ensure_ascii=False)
        return f"{dumped[:-1]}{' ' * self.padding}}}" if self.padding else dumped

    def wire(self, newline: str = "\n") -> bytes:
        """Return the event's bytes, blank line included."""
        named = f"event: {self.name}{newline}" if self.name else ""
        return f"{named}data: {self.text}{newline}{newline}".encode()


DONE = Event("[DONE]")


def data_events(objects: list[dict[str, Any]]) -> tuple[Event, ...]:
    """Return an OpenAI stream of these chunks, terminator included."""
    return (*(Event(chunk) for chunk in objects), DONE)
