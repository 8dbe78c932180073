"""
The walks of one session, each with its server, and the production-shaped rows that are put in on the way.
"""

from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.databases.opening import open_server
from pytest_darkhost.migrations.ini import Place
from pytest_darkhost.migrations.itinerary import Itinerary, Rows, rows_belong_after
from pytest_darkhost.migrations.steps import Hooks
from pytest_darkhost.migrations.walk import Walk
from pytest_darkhost.suite.migrations.naming import Where
from pytest_darkhost.suite.migrations.run import MigrationRun

if TYPE_CHECKING:
    from pytest_darkhost.migrations.databases.values import Server
    from pytest_darkhost.migrations.rows.source import RowSource

WALKS: "pytest.StashKey[Walks]" = pytest.StashKey()


class Walks:
    """Servers are opened when the first item needs one; `close` ends them, whatever happened."""

    def __init__(self, run: MigrationRun) -> None:
        self.run = run
        self.wanted: dict[tuple[Path, str], set[str]] = {}
        """Revisions that are judged in this process, by ini file and word of the database."""
        self._servers: dict[str, Server] = {}
        self._walks: dict[tuple[Path, str], Walk] = {}

    def of(self, place: Place, where: Where) -> Walk:
        """Return the walk of a history on a database, made once."""
        key = (place.ini, where.word)
        if key not in self._walks:
            self._walks[key] = Walk(lambda: self._itinerary(place, key), where.kind, lambda: self._server(where))
        return self._walks[key]

    def _itinerary(self, place: Place, key: tuple[Path, str]) -> Itinerary:
        return Itinerary(
            history=self.run.histories.history(place),
            wanted=frozenset(self.wanted.get(key, ())),
            declarations=self.run.declarations(place),
            targets={target.id: target for loaded in self.run.venues for target in loaded.spec.targets},
            hooks=Hooks(self.run.own.x, self.run.own.environ),
            names=self.run.names,
            strict_rows=self.run.own.strict_rows,
            rows=self.rows(place),
        )

    @cached_property
    def row_source(self) -> "RowSource | None":
        """The production-shaped rows. Raises `UsageError`."""
        if self.run.own.rows is not None:
            from pytest_darkhost.migrations.rows.source import rows_in_file

            return rows_in_file(self.run.own.rows, self.run.shown(self.run.own.rows))
        if self.run.own.rows_from is None:
            return None
        from pytest_darkhost.migrations.rows.copying import MOST_ROWS, rows_in_database

        limit = self.run.own.rows_limit or MOST_ROWS
        return rows_in_database(self.run.own.rows_from, self.run.names, self.run.own.rows_tables, most_rows=limit)

    def rows(self, place: Place) -> Rows | None:
        """Return the rows with the revision after which they are put in. Raises `UsageError`."""
        source = self.row_source
        if source is None or not self._concerns(source, place):
            return None
        return Rows(
            rows_belong_after(self.run.histories.history(place), source.revision, self.run.histories.judged(place)),
            source.put,
        )

    def _concerns(self, source: "RowSource", place: Place) -> bool:
        """Return whether rows are of this history: what they name may be a revision of another one."""
        said = source.revision
        others = [each for each in self.run.histories.places if each is not place] if said else []
        return not any(self._has(each, str(said)) for each in others) or self._has(place, str(said))

    def _has(self, place: Place, revision: str) -> bool:
        with suppress(HistoryError):
            return any(each.id == revision for each in self.run.histories.history(place).revisions)
        return False

    def _server(self, where: Where) -> "Server":
        if where.source not in self._servers:
            self._servers[where.source] = open_server(where.source, run=self.run.id)
        return self._servers[where.source]

    def close(self) -> None:
        """Drop every database and end every server. Twice does no harm."""
        for walk in self._walks.values():
            walk.close()
        for server in self._servers.values():
            server.close()
        self._walks, self._servers = {}, {}
