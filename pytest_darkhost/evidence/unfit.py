"""
A reason why a run is no evidence, and the closed list of their codes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

RUN_CODES = (
    "not_live",
    "dirty",
    "no_vcs",
    "http",
    "loopback",
    "reference_catalog",
    "no_catalog",
    "interrupted",
    "truncated",
    "rerun",
    "duplicate_ids",
)
"""Of the whole run."""
TEST_CODES = (
    "replayed",
    "mocked",
    "tls",
    "custom_ca",
    "private_address",
    "proxy",
    "stale_date",
    "foreign_id",
    "impossible",
)
"""Of what a test saw."""
CODES = RUN_CODES + TEST_CODES
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Unfit:
    """One reason."""

    code: str
    """One of `CODES`."""
    what: str
    """What was found, for the reader."""


def gathered(found: Iterable[tuple[str, str]]) -> tuple[Unfit, ...]:
    """Return one reason a code, in the order of `CODES`, from pairs of a code and what was found."""
    first: dict[str, str] = {}
    told: dict[str, set[int]] = {}
    for code, what in found:
        first.setdefault(code, what)
        # Hashes, for of a hostile report there is more to tell than memory holds.
        told.setdefault(code, set()).add(hash(what))
    return tuple(Unfit(code, _summed(first[code], len(told[code]))) for code in CODES if code in first)


def listed(names: Sequence[str]) -> str:
    """Return the first few of some names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _summed(first: str, count: int) -> str:
    return first if count == 1 else f"{first} (and {count - 1} more)"
