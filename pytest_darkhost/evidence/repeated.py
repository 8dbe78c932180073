"""
Reads a report, in which the record of one call stands in each test that read it: each record is read once.

In what is read of the rest, marks stand for the records: texts of JSON that nobody who wrote the report can have known.
Where the rest is strict JSON, and all marks turn up where a test's records stand, each in place of one, the whole is
strict JSON and has this value: a mark in a text, in a key, in an object that was dropped for a second one of its name,
or in any other place is one that lacks. In every other case the report is read as it stands.
"""

import os
from collections.abc import Iterator
from typing import Any

from pytest_darkhost.evidence import strict_json
from pytest_darkhost.evidence.items import said_of

_BEGINNING = b'{"probe": "'
"""Of a record as we write it. One in another spelling is part of the rest."""
_TOLD_BY = 96
"""Bytes by which records are told apart at first: more than the name of a probe has. All of them are compared then."""
_AROUND = 6
"""Levels that a record stands in: the report, its tests, the test, `metadata`, `darkhost`, `probes`."""


def loads(data: bytes, place: str, line: int | None = None) -> Any:
    """
    Return the value of a report. Equal records are one object where they were one text.

    :raises EvidenceError: `json`, when it is not strict JSON.
    """
    value = _by_marks(data)
    return strict_json.loads(data, place, line) if value is None else value


def _by_marks(data: bytes) -> Any:
    """Return the value of a report; `None` where it has to be read as it stands."""
    texts, rest, places = _parted(data)
    records = {mark: strict_json.sound(text, strict_json.DEEPEST - _AROUND) for text, mark in texts.items()}
    value = strict_json.sound(rest) if texts and None not in records.values() else None
    return value if value is not None and _filled(value, records) == places else None


def _parted(data: bytes) -> tuple[dict[bytes, str], bytes, int]:
    """Return what may be records, each with its mark, what is left with marks in their places, and their number."""
    nonce = os.urandom(16).hex()
    texts: dict[bytes, str] = {}
    last: dict[bytes, tuple[bytes, bytes, int]] = {}
    rest: list[bytes] = []
    done = 0
    while (start := data.find(_BEGINNING, done)) >= 0:
        key = data[start : start + _TOLD_BY]
        known = last.get(key)
        if known is None or not data.startswith(known[0], start):
            text = _record(data, start)
            known = last[key] = text, f'"{texts.setdefault(text, f"{nonce}{len(texts)}")}"'.encode(), len(text)
        rest += data[done:start], known[1]
        done = start + known[2]
    return texts, b"".join([*rest, data[done:]]), len(rest) // 2


def _record(data: bytes, start: int) -> bytes:
    """Return what begins like a record as far as it seems to go. Whether it is one shows when it is read."""
    after = data.find(_BEGINNING, start + len(_BEGINNING))
    end = after if after >= 0 else len(data)
    last = end - len(b", ") if data.endswith(b"}, ", start, end) else data.find(b"}]", start, end) + len(b"}")
    return data[start : max(last, start + len(_BEGINNING))]


def _filled(value: Any, records: dict[str, Any]) -> int:
    """Put the records in the places of their marks, and return in how many."""
    places = 0
    for probes in _lists(value):
        try:
            probes[:] = [records[each] for each in probes]
            places += len(probes)
        except (LookupError, TypeError):  # something else is among them
            marks = [n for n, each in enumerate(probes) if type(each) is str and each in records]
            for n in marks:
                probes[n] = records[probes[n]]
            places += len(marks)
    return places


def _lists(value: Any) -> Iterator[list[Any]]:
    """Yield the lists of records in a report, whatever else it may be."""
    tests = value.get("tests") if type(value) is dict else None
    for test in tests if type(tests) is list else ():
        probes = said_of(test).get("probes") if type(test) is dict else None
        if type(probes) is list:
            yield probes
