"""
JSON as RFC 8259 has it and no more, so that two readers cannot understand one text differently.

Refused beyond what `json` refuses: duplicate keys, NaN and infinities, numbers beyond a double, bytes that are no
UTF-8, a byte order mark, and nesting deeper than `DEEPEST`.
"""

import json
import math
from typing import Any

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.plain_text import one_line

DEEPEST = 64
_CODE = "json"


def dumps(value: Any) -> bytes:
    """Return a value as one line of ASCII. Raises `ValueError` for NaN and infinities."""
    return json.dumps(value, allow_nan=False, separators=(",", ":")).encode("ascii")


def loads(data: bytes, place: str, line: int | None = None) -> Any:
    """
    Return the value of a JSON text.

    :raises EvidenceError: `json`, when it is not strict JSON.
    """
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
        )
    except RecursionError:
        raise _too_deep(place, line) from None
    except ValueError as error:
        msg = f"{place}: no strict JSON ({one_line(str(error))}), expected JSON that every reader understands alike"
        raise EvidenceError(_CODE, msg, line) from None
    if _deeper_than(value, DEEPEST):
        raise _too_deep(place, line)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        again = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        msg = f"the key {again!r} stands twice in one object"
        raise ValueError(msg)
    return made


def _constant(name: str) -> Any:
    msg = f"{name} is no number of JSON"
    raise ValueError(msg)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        msg = f"{text} is beyond what a number can hold"
        raise ValueError(msg)
    return value


def _too_deep(place: str, line: int | None) -> EvidenceError:
    return EvidenceError(_CODE, f"{place}: nested too deeply, expected at most {DEEPEST} levels", line)


def _deeper_than(value: Any, levels: int) -> bool:
    """Return whether containers lie deeper: level by level, for a hostile text must not decide how deep we recurse."""
    level = [value]
    for _ in range(levels + 1):
        level = [each for each in level if type(each) is dict or type(each) is list]
        if not level:
            return False
        level = [child for each in level for child in (each.values() if type(each) is dict else each)]
    return True
