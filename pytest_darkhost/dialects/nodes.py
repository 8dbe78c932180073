"""
A place in a JSON body: reads what is expected there and notes a fault where something else stands.

Never raises for what a venue sends. Knows no dialect.
"""

from typing import Any

from pytest_darkhost.dialects import json_text
from pytest_darkhost.dialects.faults import note
from pytest_darkhost.dialects.venue_text import repaired
from pytest_darkhost.plain_text import shown

LONGEST_NAME = 200
_COUNT_LIMIT = 2**53
"""Integers below this survive every JSON implementation (RFC 8259, 6)."""


class _Missing:
    def __repr__(self) -> str:
        return "missing"

    def __bool__(self) -> bool:
        return False


MISSING = _Missing()
"""Stands for a member that an object has not."""


class Node:
    """
    A value, the path to it, and the list that its faults are noted in.

    A stream has thousands: it is a plain class, and its path is put together where there is a fault.
    """

    __slots__ = ("_above", "_step", "faults", "value")

    def __init__(self, value: Any, step: str | int, faults: list[str], above: "Node | None" = None) -> None:
        self.value = value
        self.faults = faults
        self._step = step
        self._above = above

    @property
    def path(self) -> str:
        """`choices[0].delta.content`; the name of the root itself."""
        if self._above is None:
            return str(self._step)
        if isinstance(self._step, int):
            return f"{self._above.path}[{self._step}]"
        return self._step if self._above.path == "body" else f"{self._above.path}.{self._step}"

    @property
    def absent(self) -> bool:
        """Whether the member is missing or null."""
        return self.value is None or self.value is MISSING

    def fault(self, expected: str) -> None:
        """Note that this value is not what was expected."""
        note(self.faults, f"{self.path}: {shown(self.value)}, expected {expected}")

    def member(self, key: str) -> "Node":
        """Return a member of an object; of anything else, a missing one."""
        value = self.value.get(key, MISSING) if isinstance(self.value, dict) else MISSING
        return Node(value, key, self.faults, self)

    def get(self, key: str) -> Any:
        """Return the value of a member, to look at; `None` for a missing one, and of anything but an object."""
        return self.value.get(key) if isinstance(self.value, dict) else None

    def instead(self, value: Any) -> "Node":
        """Return another value at the same path."""
        return Node(value, self._step, self.faults, self._above)

    def element(self, index: int) -> "Node":
        """Return an element of a list, which must have it."""
        return Node(self.value[index], index, self.faults, self)

    def is_object(self) -> bool:
        """Return whether this is an object; else a fault."""
        if not isinstance(self.value, dict):
            self.fault("an object")
        return isinstance(self.value, dict)

    def elements(self) -> tuple["Node", ...]:
        """Return the elements of a list; of anything else none, and a fault."""
        if not isinstance(self.value, list):
            self.fault("a list")
            return ()
        return tuple(self.element(index) for index in range(len(self.value)))

    def text(self) -> str:
        """Return a string; of anything else the empty one, and a fault. Lone surrogates are a fault, too."""
        if not isinstance(self.value, str):
            self.fault("a string")
            return ""
        return self._unicode(self.value)

    def optional_text(self) -> str:
        """Return a string, or the empty one where there is none."""
        return "" if self.absent else self.text()

    def string(self, key: str) -> str | None:
        """Return a member that is a string; of anything else `None`, and no fault."""
        value = self.get(key)
        return repaired(value) if isinstance(value, str) else None

    def name(self, key: str) -> str | None:
        """Return a member that is a string, in at most 200 characters; of anything else `None`, and no fault."""
        name = self.string(key) or None
        return name if name is None or len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"

    def must_be(self, *expected: str) -> None:
        """Note a fault unless this is one of the given strings."""
        if not isinstance(self.value, str) or self.value not in expected:
            self.fault(" or ".join(repr(text) for text in expected))

    def count(self) -> int | None:
        """Return a count, also one written as `12.0`; of anything else `None`, and a fault."""
        value = self.value
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not 0 <= value < _COUNT_LIMIT or value != int(value):
            self.fault("a count")
            return None
        return int(value)

    def optional_count(self) -> int | None:
        """Return a count, or `None` where there is none."""
        return None if self.absent else self.count()

    def _unicode(self, text: str) -> str:
        if text.isascii():
            return text
        try:
            text.encode()
        except UnicodeEncodeError:
            note(self.faults, f"{self.path}: lone surrogates or bytes that are not UTF-8, expected Unicode text")
            return repaired(text)
        return text


def parse(text: str | bytes, path: str, faults: list[str]) -> Node:
    """Return the root of a JSON text. Raises `NotJsonError`."""
    return Node(json_text.decode(text, path, faults), path, faults)
