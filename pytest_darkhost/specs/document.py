"""
What a YAML file holds: plain values, the lines of each, and what is wrong with the file as YAML.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pytest_darkhost.specs.shown import KeyPath


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is wrong with the file as YAML."""

    line: int
    """1-based."""
    path: KeyPath
    text: str
    hides_value: bool = False
    """Whether the value at the path is not the one that the author meant."""


class Place(NamedTuple):
    """Lines of one value, 1-based. A named tuple, because a file has thousands."""

    key_line: int
    """Of the key that introduces the value; in a list, of the item."""
    line: int
    """Of the value itself."""


@dataclass(frozen=True, slots=True)
class Document:
    """One file's content."""

    value: Any
    """dict, list, str, int, float, bool or None; `None` also for an empty file."""
    places: Mapping[KeyPath, Place]
    flaws: tuple[Flaw, ...]
    complete: bool
    """Whether the text was read to its end."""

    def nearest(self, path: KeyPath) -> KeyPath:
        """Return a key path, or that of the nearest thing around it that the file holds."""
        while path and path not in self.places:
            path = path[:-1]
        return path

    def place(self, path: KeyPath) -> Place:
        """Return the lines of a value, or of the nearest thing around it that the file holds."""
        return self.places.get(self.nearest(path), Place(1, 1))
