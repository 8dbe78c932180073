"""
Rows that wait until the whole bundle is verified, in a temporary file: a reader sees none of a bundle that is refused.
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pytest_darkhost.evidence.entries import Entry
from pytest_darkhost.evidence.strict_json import dumps_whole
from pytest_darkhost.evidence.temporary import TemporaryDatabase


class Spool:
    """Entries as JSON objects, in their order."""

    def __init__(self) -> None:
        self._database = TemporaryDatabase("CREATE TABLE entry (number INTEGER PRIMARY KEY, data TEXT NOT NULL);")
        self.counts: Counter[str] = Counter()
        """Of entries: `run`, `evidence`, `abandoned` and `key`."""

    def close(self) -> None:
        """Give the file back. Idempotent."""
        self._database.close()

    def add(self, entry: Entry) -> None:
        """
        Keep an entry.

        :raises EvidenceError: `temporary`.
        """
        self.counts[entry.what] += 1
        self.counts["evidence"] += entry.what == "run" and not entry.unfit
        self._database.write("INSERT INTO entry (data) VALUES (?)", [(dumps_whole(entry.as_json()).decode(),)])

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(json.loads, self.texts())

    def texts(self) -> Iterator[str]:
        """Yield the entries as JSON."""
        for (data,) in self._database.rows("SELECT data FROM entry ORDER BY number"):
            yield data
