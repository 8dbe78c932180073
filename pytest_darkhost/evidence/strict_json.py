"""
JSON as RFC 8259 has it and no more, so that two readers cannot understand one text differently.

Refused beyond what `json` refuses: duplicate keys, NaN and infinities, numbers beyond a double, bytes that are no
UTF-8, a byte order mark, and nesting deeper than `DEEPEST`.

`orjson` reads and writes in a fraction of the time, and says nothing of duplicate keys. What it has read and writes
again byte for byte has none: no object that it could write has a key twice, or a number that is none, or is deeper than
`DEEPEST`. All other texts, sound ones in another spelling too, are read by `json`, which has the words for what is
amiss, and takes half a surrogate pair, which file names can bring into a report.
"""

import gc
import json
from functools import cache
from math import isinf
from types import ModuleType
from typing import Any

from pytest_darkhost.errors import EvidenceError
from pytest_darkhost.plain_text import one_line

DEEPEST = 254
"""Levels of lists and objects: as many as `orjson` writes, since its version 3.12."""
_CODE = "json"
_DELETE = b"\x7f"
"""The character of ASCII that `json` escapes and `orjson` does not."""
_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


def dumps(value: Any) -> bytes:
    """Return a value as one line of ASCII. Raises `ValueError` for NaN and infinities."""
    return _ENCODER.encode(value).encode("ascii")


def dumps_whole(value: Any) -> bytes:
    """Return what `dumps` does, in a fraction of the time, of a value whose numbers are all whole."""
    try:
        data: bytes = _library().dumps(value)
    except TypeError:  # half a surrogate pair, or a number of more than 64 bits
        return dumps(value)
    return data if data.isascii() and _DELETE not in data else dumps(value)


def loads(data: bytes, place: str, line: int | None = None) -> Any:
    """
    Return the value of a JSON text.

    :raises EvidenceError: `json`, when it is not strict JSON.
    """
    library = _library()
    try:
        value = library.loads(data)
        known = library.dumps(value) == data
    except (ValueError, TypeError):
        known = False
    return value if known else _read(data, place, line)


@cache
def _library() -> ModuleType:
    import orjson

    return orjson


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
    if not _is_shallow(value):
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


def _is_shallow(value: Any) -> bool:
    """
    Return whether a value has at most `DEEPEST` levels.

    Level by level, for a hostile text must not decide how deep we recurse.
    """
    level = [value]
    for _ in range(DEEPEST):
        # All that the values of a level hold. Containers are among it on any Python, for they could be in a cycle.
        level = gc.get_referents(*level)
        if not level:
            return True
    return not any(isinstance(each, dict | list) for each in level)
