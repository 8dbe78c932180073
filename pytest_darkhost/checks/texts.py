"""
How checks word what they saw: short lines, numbers, money, near names. Nothing here judges.
"""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from difflib import get_close_matches
from heapq import nsmallest
from itertools import takewhile
from operator import eq
from unicodedata import category

_NEAR = 3
_CUTOFF = 0.5
_SMALL_USD = Decimal("0.0001")
_MOST_NAMES = 2000
_LONGEST_NAME = 200
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Drawn as blanks: Hangul fillers (Default_Ignorable_Code_Point) and the empty Braille cell."""


def has_text(text: str) -> bool:
    """Return whether a text holds a character that can be seen: no blank, control or format character."""
    return any(category(character) not in _INVISIBLE and character not in _FILLERS for character in text)


def short(text: str, limit: int = 120) -> str:
    """Return a text on one line, printable, of at most `limit` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def number(value: float) -> str:
    """Return a number with one decimal from 10 upward and three below, without trailing zeros."""
    text = f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"
    return text.rstrip("0").rstrip(".")


def count(number_of: int, noun: str = "call") -> str:
    """Return `1 call` or `3 calls`."""
    return f"{number_of} {noun}" if number_of == 1 else f"{number_of} {noun}s"


def decimal_text(value: Decimal) -> str:
    """Return a decimal number in full, never in scientific notation."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def usd(value: Decimal) -> str:
    """Return an amount in USD with six decimals, or three significant digits where six would hide it."""
    if value == 0 or abs(value) >= _SMALL_USD:
        return f"${value:.6f}"
    digits = Decimal(1).scaleb(value.adjusted() - 2)
    return f"${decimal_text(value.quantize(digits, rounding=ROUND_HALF_EVEN))}"


def _begun_alike(first: str, second: str) -> int:
    return sum(takewhile(bool, map(eq, first, second)))


def _shared(name: str, other: str) -> int:
    """Return how many characters two names share at their beginnings and at their ends, case aside."""
    first, second = name.lower(), other.lower()
    return _begun_alike(first, second) + _begun_alike(first[::-1], second[::-1])


def nearest(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """
    Return up to three names like this one: in other case, within one another, or of similar spelling.

    A venue may list any number of names: those 2,000 are compared that share most of their ends with this one, each
    by its first 200 characters.
    """
    name = name[:_LONGEST_NAME]
    cut = {other[:_LONGEST_NAME] for other in names}
    known = sorted(nsmallest(_MOST_NAMES, cut, key=lambda other: (-_shared(name, other), other)))
    low = name.lower()
    inside = [other for other in known if low in other.lower() or other.lower() in low]
    inside.sort(key=lambda other: abs(len(other) - len(name)))
    alike = get_close_matches(name, known, n=_NEAR, cutoff=_CUTOFF)
    return tuple(dict.fromkeys([*inside, *alike]))[:_NEAR]


def near_text(name: str, names: Iterable[str]) -> str:
    """Return `; nearest: 'a', 'b'`, or nothing where no name is near."""
    found = nearest(name, names)
    return f"; nearest: {', '.join(map(repr, found))}" if found else ""
