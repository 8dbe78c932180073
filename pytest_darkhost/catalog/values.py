"""
What a driver returns for a column, as the types of a row. Each function raises `ValueError` with
`<what is>, <what was expected>`.
"""

from decimal import Decimal, InvalidOperation

_TRUE = frozenset({"1", "t", "true"})
_FALSE = frozenset({"0", "f", "false"})


def as_text(value: object) -> str:
    """Return text; bytes are read as UTF-8 (MySQL's binary collations), numbers and UUIDs as they print."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            msg = "bytes that are not UTF-8, expected text"
            raise ValueError(msg) from None
    return "" if value is None else str(value)


def as_decimal(value: object) -> Decimal | None:
    """
    Return the exact number without padding zeros, or `None`.

    A float, which is how SQLite keeps a NUMERIC, is read as it prints: 0.15 is 0.15.
    """
    if value is None:
        return None
    number = _finite(as_text(value).strip())
    if number is None:
        msg = f"{_seen(value)}, expected a number"
        raise ValueError(msg)
    digits = f"{number:f}"
    return Decimal(digits.rstrip("0").rstrip(".") if "." in digits else digits)


def as_boolean(value: object) -> bool | None:
    """Return the truth that a boolean, a 0 or 1, or one of t, f, true and false stands for, or `None`."""
    if value is None or isinstance(value, bool):
        return value
    text = as_text(value).strip().lower()
    if text in _TRUE | _FALSE:
        return text in _TRUE
    msg = f"{_seen(value)}, expected true or false, 1 or 0, t or f"
    raise ValueError(msg)


def as_share(value: object) -> float | None:
    """Return a number from 0 to 1, or `None`."""
    number = as_decimal(value)
    if number is not None and not 0 <= number <= 1:
        msg = f"{_seen(value)}, expected a number from 0 to 1"
        raise ValueError(msg)
    return None if number is None else float(number)


def _finite(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _seen(value: object) -> str:
    """Return a value for a message, cut to a bearable length."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
