"""
Keys: the one object that holds one, and the removal of known keys from text.

The first defence is that no printable object holds a key; removal is for what venues and libraries echo.
"""

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, overload
from urllib.parse import quote, quote_plus

REDACTED = "[redacted]"
REFUSED_KEY = "darkhost-refused-key-0000000000000000000000000000"
"""The constant that the refused-key probe sends: never derived from a real key."""
_MASK = r"[*•…xX.]{3,}"
_PART = 3


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
    """Return the forms in which a key may be echoed: plain, URL-encoded, JSON-escaped, base64."""
    plain = value.encode()
    encoded = {base64.b64encode(plain).decode(), base64.urlsafe_b64encode(plain).decode()}
    basic = base64.b64encode(b":" + plain).decode()
    forms = {value, quote(value, safe=""), quote_plus(value), json.dumps(value)[1:-1], basic}
    return forms | encoded | {form.rstrip("=") for form in encoded}


@dataclass(frozen=True, slots=True, repr=False)
class Redactor:
    """Removes known keys, their encoded forms and their masked echoes (`sk-ab***yz`)."""

    _values: tuple[str, ...] = ()

    @classmethod
    def of(cls, credentials: Iterable[Credential | str]) -> "Redactor":
        """Return a redactor for these keys."""
        values = {c.reveal() if isinstance(c, Credential) else c for c in credentials}
        return cls(tuple(sorted(value for value in values if value)))

    def also(self, credential: Credential | None) -> "Redactor":
        """Return a redactor that knows one more key."""
        return self if credential is None else Redactor.of((*self._values, credential))

    def __repr__(self) -> str:
        return f"Redactor({len(self._values)} keys)"

    def forms(self) -> tuple[str, ...]:
        """Return all forms of all keys, longest first, so that a contained form is not replaced first."""
        return tuple(sorted({f for value in self._values for f in _forms(value)}, key=len, reverse=True))

    def found_in(self, text: str) -> bool:
        """Return whether any form of a key occurs in the text."""
        return any(form in text for form in self.forms())

    @overload
    def clean(self, value: str) -> str: ...
    @overload
    def clean(self, value: Any) -> Any: ...
    def clean(self, value: Any) -> Any:
        """Return the value, text or nested containers, without keys. Keys of mappings are cleaned too."""
        if isinstance(value, str):
            return self._clean_text(value)
        if isinstance(value, dict):
            return {self.clean(key): self.clean(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.clean(item) for item in value)
        return value

    def clean_bytes(self, data: bytes) -> bytes:
        """Return the bytes with every form overwritten by `*`, so that lengths and boundaries stay."""
        for form in self.forms():
            data = data.replace(form.encode(), b"*" * len(form.encode()))
        return data

    def _clean_text(self, text: str) -> str:
        for form in self.forms():
            text = text.replace(form, REDACTED)
        for value in self._values:
            text = _masked_echo(value).sub(REDACTED, text)
        return text


def _masked_echo(value: str) -> re.Pattern[str]:
    """Return a pattern for a key's own beginning or end beside a mask, as venues echo refused keys."""
    heads = "|".join(re.escape(value[:length]) for length in range(len(value) - 1, _PART - 1, -1))
    tails = "|".join(re.escape(value[-length:]) for length in range(len(value) - 1, _PART - 1, -1))
    if not heads:
        return re.compile(r"(?!)")
    return re.compile(rf"(?:{heads}){_MASK}(?:{tails})?|{_MASK}(?:{tails})")
