"""
JSON as RFC 8259 has it and no more, so that two readers cannot understand one text differently.

Refused beyond what `json` refuses: duplicate keys, NaN and infinities, numbers beyond a double, bytes that are no
UTF-8, a byte order mark, and nesting deeper than `DEEPEST`.

`jiter` reads what is sound, in half the time. What it refuses, or what is too deep or too large for it, `json` reads
again: it has the words for what is amiss, and takes half a surrogate pair, which file names can bring into a report.
"""

import json
from collections.abc import Callable
from functools import cache, partial
from math import isinf
from typing import Any

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.plain_text import one_line

DEEPEST = 64
_CODE = "json"
_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_LEAVES = frozenset({str, int, bool, type(None)})


def dumps(value: Any) -> bytes:
    """Return a value as one line of ASCII. Raises `ValueError` for NaN and infinities."""
    return _ENCODER.encode(value).encode("ascii")


def loads(data: bytes, place: str, line: int | None = None) -> Any:
    """
    Return the value of a JSON text.

    :raises EvidenceError: `json`, when it is not strict JSON.
    """
    try:
        value = _parser()(data)
    except ValueError:
        return _read(data, place, line)
    return value if _is_sound(value) else _read(data, place, line)


@cache
def _parser() -> Callable[[bytes], Any]:
    import jiter

    return partial(jiter.from_json, allow_inf_nan=False, cache_mode="keys", catch_duplicate_keys=True)


def _read(data: bytes, place: str, line: int | None) -> Any:
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant, parse_float=_float
        )
    except RecursionError:
        raise _too_deep(place, line) from None
    except ValueError as error:
        msg = f"{place}: no strict JSON ({one_line(str(error))}), expected JSON that every reader understands alike"
        raise EvidenceError(_CODE, msg, line) from None
    if not _is_sound(value):
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
    if isinf(value):
        msg = f"{text} is beyond what a number can hold"
        raise ValueError(msg)
    return value


def _too_deep(place: str, line: int | None) -> EvidenceError:
    return EvidenceError(_CODE, f"{place}: nested too deeply, expected at most {DEEPEST} levels", line)


def _is_sound(value: Any) -> bool:
    """
    Return whether a value has at most `DEEPEST` levels, and no infinity.

    Level by level, for a hostile text must not decide how deep we recurse.
    """
    level = _within([value])
    for _ in range(DEEPEST):
        if not level:
            return True
        below: list[Any] = []
        for each in level:
            if type(each) is float:
                if isinf(each):
                    return False
            else:
                below.extend(each.values() if type(each) is dict else each)
        level = _within(below)
    return all(type(each) is float and not isinf(each) for each in level)


def _within(values: list[Any]) -> list[Any]:
    """Return the containers and the numbers with a fraction among some values."""
    return [each for each in values if type(each) not in _LEAVES]
