"""
Keys: the one object that holds one, and the removal of known keys from text.

The first defence is that no printable object holds a key; removal is for what venues and libraries echo.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, overload
from urllib.parse import quote, quote_plus

from pytest_darkhost import key_runs, key_shapes

REDACTED = "[redacted]"
REFUSED_KEY = "darkhost-refused-key-0000000000000000000000000000"
"""The constant that the refused-key probe sends: never derived from a real key."""
_MASKS = "[*•…xX.]"
_ANY_MASK = re.compile(_MASKS + "{3}")
_NEVER = re.compile("(?!)")
_PART = 3
_LONGEST_PART = 40
"""Nobody shows more of a key beside a mask, and what is longer holds runs that are removed for themselves. The pattern
is nested as deep, and grows with the square of it; keys that are tokens have thousands of characters."""


class Credential:
    """A venue's key. Its text forms never show any part of it, and it does not pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the key itself, for the one place that puts it on the wire."""
        return self._value

    def __repr__(self) -> str:
        return "Credential(...)"

    def __reduce__(self) -> Any:
        msg = "a Credential cannot be pickled or copied"
        raise TypeError(msg)


def _forms(value: str) -> set[str]:
    """Return the forms in which a key may be echoed: plain, in one case, URL-encoded, JSON-escaped, base64."""
    plain = value.encode()
    forms = {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], value.lower(), value.upper()}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        # Three bytes make four characters: what stands before the key decides how it is spelt.
        forms |= {encode(b":" * shift + plain).decode() for shift in range(3)}
    return (forms | {form.rstrip("=") for form in forms}) - {""}


def _wide_forms(value: str) -> set[str]:
    """
    Return the forms in which each character of a key is written out: hexadecimal, percent signs, JSON's escapes.

    They are removed whole only: eight characters of them tell little of a key, and occur in digests.
    """
    plain = value.encode()
    percent = "".join(f"%{byte:02x}" for byte in plain)
    escaped = percent.replace("%", "\\u00")
    return {form for each in (plain.hex(), percent, escaped) for form in (each, each.upper().replace("\\U", "\\u"))}


@dataclass(frozen=True, slots=True, repr=False)
class Redactor:
    """Removes known keys, their encoded forms and their masked echoes (`sk-ab***yz`)."""

    _values: tuple[str, ...] = ()
    _runs: tuple[str, ...] = ()
    _forms: re.Pattern[str] = _NEVER
    _masked: re.Pattern[str] = _NEVER
    _by_shape: bool = False
    _whole: tuple[str, ...] = ()
    _words: frozenset[int] = frozenset()

    @classmethod
    def of(cls, credentials: Iterable[Credential | str], *, by_shape: bool = False) -> "Redactor":
        """
        Return a redactor for these keys.

        :param by_shape: whether what only looks like a key (`key_shapes`) is taken out of texts too.
        """
        values = {c.reveal() if isinstance(c, Credential) else c for c in credentials}
        known = tuple(sorted(value for value in values if value))
        forms = {form for value in known for form in _forms(value)}
        spelt = forms.union(*map(_wide_forms, known))
        # Longest first, so that a form within another one does not leave the rest of it behind.
        alternatives = "|".join(map(re.escape, sorted(spelt, key=len, reverse=True)))
        masked = "|".join(filter(None, map(_masked_echo, known)))
        runs = tuple(sorted({run for form in forms for run in key_runs.runs_of(form)}))
        whole = tuple(sorted(form for form in spelt if len(form) >= key_runs.LENGTH))
        words = key_runs.words_of(form for form in forms if len(form) >= key_runs.LENGTH)
        return cls(
            known, runs, re.compile(alternatives or "(?!)"), re.compile(masked or "(?!)"), by_shape, whole, words
        )

    def also(self, *credentials: Credential | None) -> "Redactor":
        """Return a redactor that knows these keys, too."""
        more = [credential for credential in credentials if credential is not None]
        return Redactor.of((*self._values, *more), by_shape=self._by_shape) if more else self

    def __repr__(self) -> str:
        return f"Redactor({len(self._values)} keys)"

    @property
    def knows_keys(self) -> bool:
        """Whether there is anything to remove."""
        return bool(self._values)

    def found_in(self, text: str) -> bool:
        """Return whether any form of a key, or a telling part of one, occurs in the text."""
        if self._by_shape and key_shapes.found_in(text):
            return True
        if not self._values:
            return False
        return self._forms.search(text) is not None or self._has_masked(text) or self._has_run(text)

    def holds(self, text: str) -> bool:
        """Return whether a known key, in any form, occurs whole in a text: fast enough for a report of megabytes."""
        return any(form in text for form in self._whole)

    @overload
    def clean(self, value: str) -> str: ...
    @overload
    def clean(self, value: Any) -> Any: ...
    def clean(self, value: Any) -> Any:
        """Return the value, text or nested containers, without keys. Keys of mappings are cleaned too."""
        if not self._values and not self._by_shape:
            return value
        if isinstance(value, str):
            text = self._forms.sub(REDACTED, value)
            text = self._masked.sub(REDACTED, text) if self._has_masked(text) else text
            text = self._without_parts(text, lambda _length: REDACTED)
            return key_shapes.without_keys(text, REDACTED) if self._by_shape else text
        if isinstance(value, dict):
            return {self.clean(key): self._clean_entry(key, item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.clean(item) for item in value)
        return value

    def _clean_entry(self, key: Any, item: Any) -> Any:
        """Return the value of a mapping's key without keys of venues: its name may be what tells that it is one."""
        if self._by_shape and isinstance(item, str) and key_shapes.found_in(f"{key}={item}"):
            return REDACTED
        return self.clean(item)

    def clean_bytes(self, data: bytes) -> bytes:
        """
        Return the bytes with every form overwritten by `*`, so that lengths and boundaries stay.

        Bytes are compared as Latin-1, which maps each to one character; keys are ASCII.
        """
        if not self._values:
            return data
        text = self._forms.sub(lambda match: "*" * len(match[0]), data.decode("latin-1"))
        if self._has_masked(text):
            text = self._masked.sub(lambda match: "*" * len(match[0]), text)
        cleaned = text.encode("latin-1")
        if not key_runs.may_be_in(cleaned, self._words):
            return cleaned
        return self._without_parts(text, lambda length: "*" * length).encode("latin-1")

    def _without_parts(self, text: str, instead: Callable[[int], str]) -> str:
        """Return a text without parts of a key: runs of its characters, joined where they overlap or touch."""
        pieces, done = [], 0
        for start, end in key_runs.spans(self._runs, text):
            pieces += [text[done:start], instead(end - start)]
            done = end
        return "".join((*pieces, text[done:]))

    def _has_run(self, text: str) -> bool:
        if text.isascii() and not key_runs.may_be_in(text.encode(), self._words):
            return False
        return any(run in text for run in self._runs)

    def _has_masked(self, text: str) -> bool:
        # Substrings first: they are found much faster than patterns, and most texts have none.
        if not any(value[:_PART] in text or value[-_PART:] in text for value in self._values):
            return False
        return _ANY_MASK.search(text) is not None and self._masked.search(text) is not None


def _masked_echo(value: str) -> str:
    """
    Return a pattern for a key's own beginning or end beside a mask, as venues echo refused keys.

    Linear in a hostile text: a run of mask characters is entered at its start only, and never given back.
    """
    if len(value) <= _PART:
        return ""
    longest = min(len(value) - 1, _LONGEST_PART)
    tails = "|".join(re.escape(value[-length:]) for length in range(longest, _PART - 1, -1))
    mask = rf"{_MASKS}{{3,}}+"
    return rf"{_head(value)}{mask}(?:{tails})?|(?<!{_MASKS}){mask}(?:{tails})"


def _head(value: str) -> str:
    """Return a pattern for a proper beginning of a key, as long as is allowed: `abc(?:d(?:e)?+)?+`."""
    rest = value[_PART : min(len(value) - 1, _LONGEST_PART)]
    optional = "".join(f"(?:{re.escape(character)}" for character in rest) + ")?+" * len(rest)
    return re.escape(value[:_PART]) + optional
