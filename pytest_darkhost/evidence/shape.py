"""
Values of strict JSON by path and kind: what is missing or of another kind is refused with its name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.moments import moment_of
from pytest_darkhost.plain_text import one_line

_VENUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""As specs have it. Stated anew: who verifies has no part of specs."""
_WORDS = {str: "text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON object and where it stands."""

    value: Mapping[str, Any]
    place: str
    code: str
    """Of the errors."""
    line: int | None = None

    def text(self, *path: str) -> str:
        """Return a text."""
        found: str = self._at(path, str)
        return found

    def number(self, *path: str) -> int:
        """Return a whole number."""
        found: int = self._at(path, int)
        return found

    def flag(self, *path: str) -> bool:
        """Return a truth value."""
        found: bool = self._at(path, bool)
        return found

    def object(self, *path: str) -> dict[str, Any]:
        """Return an object."""
        found: dict[str, Any] = self._at(path, dict)
        return found

    def objects(self, *path: str) -> list[dict[str, Any]]:
        """Return a list of objects."""
        return self._list(path, dict)

    def texts(self, *path: str) -> list[str]:
        """Return a list of texts."""
        return self._list(path, str)

    def venues(self) -> list[str]:
        """Return the names of venues: others could look like more than a name where they are shown."""
        found = self.texts("venues")
        for name in (name for name in found if not _VENUE.fullmatch(name)):
            self.refuse(f"`venues` has {name!r:.60}", "names of letters, digits, '.', '_' and '-'")
        return found

    def moment(self, *path: str) -> datetime:
        """Return a time (RFC 3339), which must be in UTC."""
        text = self.text(*path)
        try:
            return moment_of(text)
        except ValueError:
            self.refuse(f"`{'.'.join(path)}` is {text!r:.60}", "a time in UTC such as 2026-11-25T12:00:00.000Z")

    def refuse(self, what: str, expected: str) -> NoReturn:
        """Raise the error of this place."""
        msg = f"{self.place}: {what}, expected {expected}"
        raise EvidenceError(self.code, msg, self.line)

    def _list(self, path: tuple[str, ...], kind: type) -> list[Any]:
        found: list[Any] = self._at(path, list)
        if not {kind}.issuperset(map(type, found)):
            self.refuse(f"`{'.'.join(path)}` holds something else", f"{_WORDS[kind]} in each place")
        return found

    def _at(self, path: tuple[str, ...], kind: type) -> Any:
        value: Any = self.value
        for key in path:
            if type(value) is not dict or key not in value:
                self.refuse(f"has no `{'.'.join(path)}`", _WORDS[kind])
            value = value[key]
        if type(value) is not kind:
            self.refuse(f"`{'.'.join(path)}` is {type(value).__name__}", _WORDS[kind])
        return value


def brief(value: Any) -> str:
    """Return a value in a few characters."""
    return f"a list of {len(value)}" if isinstance(value, list) else one_line(repr(value), 100)
