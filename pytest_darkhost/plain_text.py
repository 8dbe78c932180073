"""
Texts and values of others in our messages: one line, bounded, and nothing that a terminal would obey.
"""

from typing import Any

LONGEST = 200
_LONGEST_VALUE = 60
_LONGEST_NUMBER = 10**50
"""Python refuses to write integers of some thousands of digits."""

_WITHOUT_INK = frozenset("\u115f\u1160\u2800\u3164\uffa0\U0001d159")
"""
Fillers of Hangul, the empty cell of Braille, the head of no note: printable to Unicode, blank on a screen. They forge
columns.
"""


def printable(text: str) -> str:
    """Return a text with escapes for line breaks, control characters, letters without ink and what has no UTF-8."""
    # Most is, which is known of a text at once.
    if text.isascii() and text.isprintable():
        return text
    return "".join(each if each.isprintable() and each not in _WITHOUT_INK else ascii(each)[1:-1] for each in text)


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return a text without line breaks and control characters, cut with `…` where it is longer."""
    # Cut first: what is looked at must not grow with a hostile text.
    words = " ".join(text[: 4 * longest].split())
    shown = printable(words[: longest + 1])
    return shown if len(shown) <= longest and len(text) <= 4 * longest else f"{shown[: longest - 1]}…"


def shown(value: Any) -> str:
    """Return a value of JSON in a few characters: containers named, texts in quotes, long ones cut."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return repr(one_line(value, _LONGEST_VALUE))
    if isinstance(value, int) and abs(value) >= _LONGEST_NUMBER:
        return "an integer of more than 50 digits"
    return one_line(str(value), _LONGEST_VALUE)
