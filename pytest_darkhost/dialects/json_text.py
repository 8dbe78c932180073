"""
JSON from a venue: text becomes values, whatever the text is (RFC 8259).

Anything that is not JSON ends in `NotJsonError`. Numbers that JSON has not are accepted and reported as faults.
"""

import json
from typing import Any

from pytest_darkhost.dialects.faults import note

_DIGITS_KEPT = 4000
"""Longer integers than this become infinite floats: Python refuses to parse beyond 4300 digits."""


class NotJsonError(ValueError):
    """The text is not JSON. The message says what it is instead, in a few words."""


class _ConstantError(ValueError):
    """The text holds NaN or an infinity."""


def decode(text: str | bytes, place: str, faults: list[str]) -> Any:
    """
    Return the value of a JSON text; bytes are read as UTF-8 (RFC 8259, 8.1).

    NaN and infinities, which RFC 8259, 6 does not permit, are noted in `faults` at `place`. Of duplicate keys the last
    counts. Raises `NotJsonError`, also for nesting that is deeper than the interpreter can follow.
    """
    try:
        return _decode(text.decode("utf-8-sig") if isinstance(text, bytes) else text, place, faults)
    except UnicodeDecodeError as error:
        raise NotJsonError("bytes that are not UTF-8") from error
    except RecursionError as error:
        raise NotJsonError("JSON nested too deeply") from error
    except json.JSONDecodeError as error:
        raise NotJsonError(_described(error)) from error


def encode(value: Any) -> str:
    """Return compact JSON. Raises `NotJsonError` for nesting that is too deep."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError as error:
        raise NotJsonError("JSON nested too deeply") from error


def _decode(text: str, place: str, faults: list[str]) -> Any:
    try:
        return _STRICT.decode(text)
    except _ConstantError as error:
        note(faults, f"{place}: {error}, expected numbers that JSON has (RFC 8259, 6)")
        return _LENIENT.decode(text)


def _described(error: json.JSONDecodeError) -> str:
    if not error.doc.strip():
        return "nothing"
    return f"text that is not JSON ({error.msg[:1].lower()}{error.msg[1:]} at character {error.pos + 1})"


def _refused(name: str) -> Any:
    raise _ConstantError(name)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS_KEPT else float(digits)


_STRICT = json.JSONDecoder(parse_constant=_refused, parse_int=_integer)
_LENIENT = json.JSONDecoder(parse_int=_integer)
