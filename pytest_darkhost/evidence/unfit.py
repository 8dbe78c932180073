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
    by_code: dict[str, dict[str, None]] = {}
    for code, what in found:
        by_code.setdefault(code, {})[what] = None
    return tuple(Unfit(code, _summed(tuple(by_code[code]))) for code in CODES if code in by_code)


def listed(names: Sequence[str]) -> str:
    """Return the first few of some names, and how many more there are."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _summed(texts: tuple[str, ...]) -> str:
    return texts[0] if len(texts) == 1 else f"{texts[0]} (and {len(texts) - 1} more)"
