"""
The spending cap: the worst case of a call is reserved before it is sent, and replaced by what it cost.

A SQLite database, so that the workers of pytest-xdist keep one ledger: in memory for one process, else a file.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from pytest_darkhost.errors import UsageError
from pytest_darkhost.observations import ErrorKind
from pytest_darkhost.probes import Probe

_SCHEMA = "CREATE TABLE IF NOT EXISTS entry (probe TEXT PRIMARY KEY, venue TEXT NOT NULL, usd TEXT NOT NULL)"
_STOPPED = 1
"""SQLite's `user_version` of a ledger of which no call is sent any more."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call must not be sent."""

    kind: ErrorKind
    message: str


class Ledger:
    """
    What a run has spent and reserved, in USD. Safe to share between processes.

    :raises UsageError: when its file cannot be written, as on a full disk.
    """

    def __init__(self, path: Path | None, run_cap_usd: Decimal | None, venue_caps_usd: Mapping[str, Decimal]) -> None:
        self._run_cap = run_cap_usd
        self._venue_caps = venue_caps_usd
        try:
            self._connection = sqlite3.connect(
                ":memory:" if path is None else path,
                isolation_level=None,
                check_same_thread=False,
                timeout=30,
            )
            self._connection.execute(_SCHEMA)
        except sqlite3.Error as error:
            msg = f"{path}: {error}, expected a place where the run's ledger can be written"
            raise UsageError(msg) from None

    def cap_over(self, venues: Iterable[str]) -> Decimal | None:
        """Return what a run of these venues may cost at most; `None` where no cap bounds it."""
        of_venues = [self._venue_caps.get(venue) for venue in venues]
        together = sum((cap for cap in of_venues if cap is not None), Decimal(0)) if None not in of_venues else None
        return min((cap for cap in (self._run_cap, together) if cap is not None), default=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the database. Idempotent."""
        self._connection.close()

    def reserve(self, probe: Probe) -> "Refusal | None":
        """Reserve a probe's worst case. Return `None`, or why the call must not be sent."""
        try:
            with self._transaction():
                refusal = self._refusal(probe)
                if refusal is None:
                    self._enter(probe, probe.worst_case_usd)
        except sqlite3.Error as error:
            return Refusal(ErrorKind.CANCELLED, f"the ledger of the run: {error}, expected to note the call before it")
        return refusal

    def settle(self, probe: Probe, cost_usd: Decimal) -> None:
        """Replace a reservation by what the call cost. Where that cannot be written, the worst case stands."""
        with suppress(sqlite3.Error):
            self._enter(probe, cost_usd)

    def stop(self) -> None:
        """Let no call be sent any more, by any process. Where that cannot be written, each stops by itself."""
        with suppress(sqlite3.Error):
            self._connection.execute(f"PRAGMA user_version = {_STOPPED}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # SQLite itself rolls back where the disk is full.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def calls(self) -> int:
        """Return how many calls were sent, those included that cost nothing."""
        with closing(self._connection.execute("SELECT count(*) FROM entry")) as rows:
            return int(rows.fetchone()[0])

    def by_venue_usd(self) -> dict[str, Decimal]:
        """Return what is spent and reserved by venue."""
        with closing(self._connection.execute("SELECT venue, usd FROM entry ORDER BY venue")) as rows:
            totals: dict[str, Decimal] = {}
            for venue, usd in rows:
                totals[venue] = totals.get(venue, Decimal(0)) + Decimal(usd)
        return totals

    def total_usd(self, venue: str | None = None) -> Decimal:
        """Return what is spent and reserved, of one venue or of the run."""
        sql = "SELECT usd FROM entry WHERE ? IS NULL OR venue = ?"
        with closing(self._connection.execute(sql, (venue, venue))) as rows:
            return sum((Decimal(usd) for (usd,) in rows), Decimal(0))

    def _enter(self, probe: Probe, usd: Decimal) -> None:
        self._connection.execute(
            "INSERT INTO entry VALUES (?, ?, ?) ON CONFLICT (probe) DO UPDATE SET usd = excluded.usd",
            (probe.id, probe.venue, str(usd)),
        )

    def _refusal(self, probe: Probe) -> "Refusal | None":
        with closing(self._connection.execute("PRAGMA user_version")) as rows:
            if rows.fetchone()[0] == _STOPPED:
                return Refusal(ErrorKind.CANCELLED, "the run was stopped before this call was sent")
        with closing(self._connection.execute("SELECT 1 FROM entry WHERE probe = ?", (probe.id,))) as rows:
            if rows.fetchone():
                # A worker of pytest-xdist that crashed is replaced by one that has the same plan.
                return Refusal(ErrorKind.CANCELLED, "this call was sent already, by a worker that ended since")
        if probe.worst_case_usd == 0:
            return None
        caps = (("run", None, self._run_cap), (probe.venue, probe.venue, self._venue_caps.get(probe.venue)))
        for name, venue, cap in caps:
            taken = self.total_usd(venue)
            if cap is not None and taken + probe.worst_case_usd > cap:
                return Refusal(
                    ErrorKind.COST_CAP,
                    f"the call may cost ${probe.worst_case_usd:.6f}, and ${taken:.6f} of the cap "
                    f"of ${cap} for {name} are spent or in flight",
                )
        return None
