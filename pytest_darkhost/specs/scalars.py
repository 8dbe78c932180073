"""
What an unquoted YAML scalar means: the core schema of YAML 1.2.2, 10.3.2, and nothing more.
"""

import math
import re

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMERIC_START = frozenset("-+.0123456789")
_MOST_DIGITS = 400


class NotAValueError(ValueError):
    """The scalar is a number that no spec can hold."""


def plain_value(text: str) -> str | int | float | bool | None:
    """
    Return the value of an unquoted scalar.

    Raises `NotAValueError` for infinities, NaN and numbers of hundreds of digits.
    """
    if text[:1] in _NUMERIC_START:
        return _number(text)
    if text in _NULL:
        return None
    return _BOOL.get(text, text)


def _number(text: str) -> str | int | float:
    if _INT.fullmatch(text):
        return int(_bounded(text))
    if _FLOAT.fullmatch(text):
        return _finite(text)
    if _OCTAL_OR_HEX.fullmatch(text):
        return int(_bounded(text), 0)
    if _NOT_FINITE.fullmatch(text):
        return _finite(text.replace(".", ""))
    return text


def _bounded(text: str) -> str:
    if len(text) > _MOST_DIGITS:
        msg = f"a number of {len(text)} digits, expected fewer than {_MOST_DIGITS}"
        raise NotAValueError(msg)
    return text


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        msg = f"the number is {value}, expected a finite one"
        raise NotAValueError(msg)
    return value
