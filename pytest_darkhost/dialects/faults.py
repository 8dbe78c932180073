"""
Faults of shape: `<JSON path>: <what is>, <what was expected>`, noted in a list while a body is read.
"""

import re

_NOTED = 1000
_SHOWN = 20
_NUMBER = re.compile(r"\[\d+\]")


def note(faults: list[str], fault: str) -> None:
    """Add a fault; after a thousand no more, so that a hostile stream cannot fill the memory."""
    if len(faults) < _NOTED:
        faults.append(fault)


def condensed(faults: list[str]) -> tuple[str, ...]:
    """Return the first of each sort, in order, and at most twenty. Numbers of events and elements make no sort."""
    seen: dict[str, str] = {}
    for fault in faults:
        seen.setdefault(_NUMBER.sub("[]", fault), fault)
    kept = tuple(seen.values())
    if len(kept) <= _SHOWN:
        return kept
    return (*kept[:_SHOWN], f"body: {len(kept) - _SHOWN} more sorts of faults, expected none")
