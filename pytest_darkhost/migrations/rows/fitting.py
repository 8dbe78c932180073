"""
A value of a file as the value of a column, or why it does not fit. SQLite would take any value in any column.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from pytest_darkhost.catalog.values import as_boolean
from pytest_darkhost.specs.shown import shown


def fitted(value: Any, kind: Any) -> Any:
    """
    Return a value as a column's type takes it. Types that are not known here take what there is.

    Raises `ValueError` with `<what is>, <what was expected>`.
    """
    if value is None or isinstance(kind, sa.JSON):
        return value
    known = next((convert for types, convert in _CONVERSIONS if isinstance(kind, types)), None)
    if isinstance(value, (dict, list)) and known is not None:
        msg = f"{shown(value)} stands here, expected {_word(kind)}"
        raise ValueError(msg)
    return value if known is None else known(value, kind)


def _boolean(value: Any, kind: Any) -> bool | None:
    try:
        return as_boolean(value)
    except ValueError:
        raise _misfit(value, kind) from None


def _integer(value: Any, kind: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _misfit(value, kind)
    return value


def _float(value: Any, kind: Any) -> float:
    return float(_number(value, kind))


def _number(value: Any, kind: Any) -> Decimal:
    try:
        number = Decimal("NaN") if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise _misfit(value, kind)
    return number


def _enum(value: Any, kind: Any) -> str:
    if value not in kind.enums:
        msg = f"{shown(value)} is no value of the column, expected one of {', '.join(map(repr, kind.enums))}"
        raise ValueError(msg)
    return str(value)


def _text(value: Any, kind: Any) -> str:
    if not isinstance(value, str):
        raise _misfit(value, kind)
    if kind.length is not None and len(value) > kind.length:
        msg = f"{shown(value)} has {len(value)} characters, expected at most {kind.length}"
        raise ValueError(msg)
    return value


def _parsed(parse: Callable[[str], Any]) -> Callable[[Any, Any], Any]:
    """Return a conversion of text by a function that raises `ValueError`."""

    def convert(value: Any, kind: Any) -> Any:
        try:
            return parse(value)
        except (ValueError, TypeError, AttributeError):
            raise _misfit(value, kind) from None

    return convert


def _misfit(value: Any, kind: Any) -> ValueError:
    return ValueError(f"{shown(value)} does not fit, expected {_word(kind)}")


def _word(kind: Any) -> str:
    """Return a type as the database spells it."""
    try:
        return str(kind)
    except Exception:  # a type that cannot be spelt without its dialect
        return type(kind).__name__


_CONVERSIONS: Sequence[tuple[Any, Callable[[Any, Any], Any]]] = (
    (sa.Boolean, _boolean),
    (sa.Integer, _integer),
    (sa.Float, _float),
    (sa.Numeric, _number),
    (sa.Enum, _enum),
    (sa.String, _text),
    (sa.DateTime, _parsed(datetime.fromisoformat)),
    (sa.Date, _parsed(date.fromisoformat)),
    (sa.Time, _parsed(time.fromisoformat)),
    (sa.Uuid, _parsed(uuid.UUID)),
    (sa.LargeBinary, _parsed(lambda text: bytes.fromhex(text.removeprefix("\\x")))),
)
