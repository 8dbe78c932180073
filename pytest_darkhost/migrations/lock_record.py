"""
Locks and their holders as values, and the record of those seen while one revision runs. `locks` does the looking.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MODES = (
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
"""From the weakest to the strongest (PostgreSQL documentation, 13.3.1). From `SHARE` on they keep out writers, the last
readers too."""
_NAMES = {f"{''.join(word.capitalize() for word in mode.split())}Lock": mode for mode in MODES}


@dataclass(frozen=True, slots=True)
class Lock:
    """One mode in which a revision locked one relation."""

    relation: str
    """Qualified unless its schema is the default one."""
    kind: str
    """`table`, `index`, `sequence`, `view`, `materialized view`."""
    mode: str
    """In the words of SQL: one of `MODES`."""
    held_ms: float
    """At most: from the look before it was first seen to the end of its transaction, or the last look that saw it."""

    @property
    def blocks(self) -> str:
        """What others cannot do meanwhile: `reads and writes`, `writes`, `schema changes`, or nothing."""
        if self.mode == MODES[-1]:
            return "reads and writes"
        if MODES.index(self.mode) >= MODES.index("SHARE"):
            return "writes"
        return "schema changes" if self.mode == "SHARE UPDATE EXCLUSIVE" else ""


@dataclass(frozen=True, slots=True)
class Holder:
    """A session that another one waits for."""

    process: int
    user: str
    application: str
    state: str
    query: str
    """Without its literals."""
    since_s: float
    """How long its transaction is open."""

    def __str__(self) -> str:
        name = f" ({self.application})" if self.application else ""
        return f"process {self.process}{name} of {self.user!r}, {self.state} for {self.since_s:.1f} s: {self.query}"


@dataclass(slots=True)
class _Span:
    """When a lock was seen, on the monotonic clock."""

    first_s: float
    last_s: float


@dataclass(slots=True)
class LockRecord:
    """What is seen while one revision runs. Complete once watching has ended."""

    existing: Mapping[int, tuple[str, str]]
    """Kind and name of relations by number, from before the revision."""
    holders: tuple[Holder, ...] = ()
    """Those that the revision waited for, when last seen to wait."""
    spans: dict[tuple[int, int, str], _Span] = field(default_factory=dict)
    looked_s: float = field(default_factory=time.monotonic)

    def see(self, rows: Iterable[tuple[int, int, str]], *, everybody: bool) -> None:
        """Note the locks that are held now: by everybody, or by one session that is about to commit."""
        now = time.monotonic()
        for process, relation, mode in rows:
            if relation in self.existing and mode in _NAMES:  # `SIReadLock` of SERIALIZABLE keeps nobody out
                span = self.spans.setdefault((process, relation, mode), _Span(self.looked_s, now))
                span.last_s = now
        if everybody:
            self.looked_s = now

    def locks(self) -> tuple[Lock, ...]:
        """Return what was seen, the strongest and longest first."""
        longest: dict[tuple[int, str], float] = {}
        for (_, relation, mode), span in self.spans.items():
            held_ms = (span.last_s - span.first_s) * 1000
            longest[relation, mode] = max(held_ms, longest.get((relation, mode), 0.0))
        found = [
            Lock(self.existing[relation][1], self.existing[relation][0], _NAMES[mode], held_ms)
            for (relation, mode), held_ms in longest.items()
        ]
        return tuple(sorted(found, key=lambda lock: (-MODES.index(lock.mode), -lock.held_ms, lock.relation)))
