"""
What one session knows of migrations: histories, what is declared of their revisions, servers and walks.
"""

import uuid
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_darkhost.catalog.names import parse_names
from pytest_darkhost.errors import HistoryError
from pytest_darkhost.migrations.databases.opening import database_kind, open_server
from pytest_darkhost.migrations.history import History, Revision, load
from pytest_darkhost.migrations.ini import Place, locate
from pytest_darkhost.migrations.itinerary import Itinerary, Rows, rows_belong_after
from pytest_darkhost.migrations.since import new_since
from pytest_darkhost.migrations.steps import Hooks
from pytest_darkhost.migrations.walk import Walk
from pytest_darkhost.secrets import Redactor
from pytest_darkhost.specs.discovery import find_specs
from pytest_darkhost.suite.migrations.naming import Where, databases_of, names_of, secrets_of
from pytest_darkhost.suite.migrations.options import MigrationSettings
from pytest_darkhost.suite.settings import Settings

if TYPE_CHECKING:
    from pytest_darkhost.migrations.baseline import Accepted
    from pytest_darkhost.migrations.databases.values import Server
    from pytest_darkhost.migrations.declarations import Declaration
    from pytest_darkhost.migrations.rows.source import RowSource
    from pytest_darkhost.specs.loader import LoadedVenue

MIGRATIONS: "pytest.StashKey[MigrationRun]" = pytest.StashKey()

SHARED_ID = "darkhost_migrations_id"


class MigrationRun:
    """The session's state. Servers are opened when the first item needs one; `close` ends them, whatever happened."""

    def __init__(self, config: pytest.Config, settings: Settings, own: MigrationSettings) -> None:
        """:raises UsageError: a configuration of Alembic, or the name of a database, cannot be used."""
        self.config = config
        self.settings = settings
        self.own = own
        self.names = parse_names(settings.catalog_names)
        self.places = tuple(locate(ini, config.rootpath) for ini in own.inis)
        self.kinds = {source: database_kind(source) for source in own.databases}
        self.id = getattr(config, "workerinput", {}).get(SHARED_ID) or uuid.uuid4().hex
        """Shared by all workers of pytest-xdist, which share an embedded server."""
        self.wanted: dict[tuple[Path, str], set[str]] = {}
        """Revisions that are judged in this process, by ini file and word of the database."""
        _ = self.baseline
        self._told: set[Path] = set()
        self._histories: dict[Path, History | HistoryError] = {}
        self._declarations: dict[Path, dict[str, Declaration]] = {}
        self._judged: dict[Path, frozenset[str]] = {}
        self._servers: dict[str, Server] = {}
        self._walks: dict[tuple[Path, str], Walk] = {}

    @property
    def worker(self) -> bool:
        """Whether this process is a worker of pytest-xdist."""
        return hasattr(self.config, "workerinput")

    def shown(self, path: Path) -> str:
        """Return a file as messages name it: from the root directory, if it is there."""
        root = self.config.rootpath
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)

    @cached_property
    def redactor(self) -> Redactor:
        """Knows the secrets in the URLs that the user named."""
        urls = [*self.own.databases, *filter(None, [self.own.rows_from])]
        return Redactor.of(secret for url in urls for secret in secrets_of(url))

    def history(self, place: Place) -> History:
        """Return a history, read once. Raises `HistoryError`."""
        if place.ini not in self._histories:
            try:
                self._histories[place.ini] = load(place, self.config.rootpath)
            except HistoryError as error:
                self._histories[place.ini] = error
        found = self._histories[place.ini]
        if isinstance(found, HistoryError):
            raise found
        return found

    def is_told(self, place: Place) -> bool:
        """Return whether the fault of a history was told already, and take note that it is now."""
        known = place.ini in self._told
        self._told.add(place.ini)
        return known

    def places_of(self, path: Path) -> tuple[Place, ...]:
        """Return the histories in whose directories a file lies."""
        real = path.resolve()
        return tuple(place for place in self.places if any(real.is_relative_to(there) for there in place.versions))

    def revision_of(self, place: Place, path: Path) -> Revision | None:
        """Return the revision that a file holds, `None` where it is none. Raises `HistoryError`."""
        real = path.resolve()
        return next((each for each in self.history(place).revisions if each.path == real), None)

    def prefix(self, place: Place) -> str:
        """Return what tells a history from others in ids: empty for the first, if it is in the root directory."""
        inside = place.ini.is_relative_to(self.config.rootpath)
        return "" if place is self.places[0] and inside else names_of(self.places)[place.ini]

    def wheres(self, place: Place) -> tuple[Where, ...]:
        """Return the databases on which a history is run."""
        named = bool(self.own.databases)
        sources = self.own.databases or databases_of(place)
        words: dict[str, int] = {}
        found: list[Where] = []
        for source in sources:
            kind = self.kinds.get(source) or database_kind(source)
            words[kind] = words.get(kind, 0) + 1
            found.append(Where(kind if words[kind] == 1 else f"{kind}{words[kind]}", kind, source, named))
        return tuple(found)

    @cached_property
    def venues(self) -> "tuple[LoadedVenue, ...]":
        """All venue specs. Raises `SpecError`."""
        files = find_specs(self.settings.spec_directories)
        if not files:
            return ()
        from pytest_darkhost.specs.loader import load_venues

        return load_venues(files, self.config.rootpath)

    def declarations(self, place: Place) -> "dict[str, Declaration]":
        """Return what revisions and specs declare, by revision id. Raises `UsageError`."""
        if place.ini not in self._declarations:
            own = [each for each in self.history(place).revisions if each.may_declare]
            self._declarations[place.ini] = self._declared(place, own) if own or self.venues else {}
        return self._declarations[place.ini]

    def _declared(self, place: Place, own: list[Revision]) -> "dict[str, Declaration]":
        """Return what is declared. Heavy imports wait until there is something to read."""
        from pytest_darkhost.migrations.declarations import declared

        return declared(self.history(place), own, self.venues, self.config.rootpath)

    def judged(self, place: Place) -> frozenset[str]:
        """Return the ids of the revisions that are judged. Raises `UsageError`."""
        if place.ini not in self._judged:
            history, since = self.history(place), self.own.since
            every = frozenset(each.id for each in history.revisions)
            self._judged[place.ini] = every if since is None else new_since(history, since)
        return self._judged[place.ini]

    @cached_property
    def baseline(self) -> "tuple[Accepted, ...]":
        """The findings that are accepted. Raises `UsageError`."""
        if self.own.baseline is None:
            return ()
        from pytest_darkhost.migrations.baseline import load_baseline

        return load_baseline(self.own.baseline, self.shown(self.own.baseline))

    def accepted(self, finding: str, said: str) -> "Accepted | None":
        """Return what accepts a failure, expired or not; `None` for an empty text, which is none."""
        found = [each for each in self.baseline if said and each.covers(finding, said)]
        return max(found, key=lambda each: each.expires, default=None)

    def walk(self, place: Place, where: Where) -> Walk:
        """Return the walk of a history on a database, made once."""
        key = (place.ini, where.word)
        if key not in self._walks:
            self._walks[key] = Walk(lambda: self._itinerary(place, key), where.kind, lambda: self._server(where))
        return self._walks[key]

    def _itinerary(self, place: Place, key: tuple[Path, str]) -> Itinerary:
        return Itinerary(
            history=self.history(place),
            wanted=frozenset(self.wanted.get(key, ())),
            declarations=self.declarations(place),
            targets={target.id: target for loaded in self.venues for target in loaded.spec.targets},
            hooks=Hooks(self.own.x, self.own.environ),
            names=self.names,
            strict_rows=self.own.strict_rows,
            rows=self.rows(place),
        )

    @cached_property
    def row_source(self) -> "RowSource | None":
        """The production-shaped rows. Raises `UsageError`."""
        if self.own.rows is not None:
            from pytest_darkhost.migrations.rows.source import rows_in_file

            return rows_in_file(self.own.rows, self.shown(self.own.rows))
        if self.own.rows_from is None:
            return None
        from pytest_darkhost.migrations.rows.copying import MOST_ROWS, rows_in_database

        limit = self.own.rows_limit or MOST_ROWS
        return rows_in_database(self.own.rows_from, self.names, self.own.rows_tables, most_rows=limit)

    def rows(self, place: Place) -> Rows | None:
        """Return the rows with the revision after which they are put in. Raises `UsageError`."""
        source = self.row_source
        if source is None or not self._concerns(source, place):
            return None
        return Rows(rows_belong_after(self.history(place), source.revision, self.judged(place)), source.put)

    def _concerns(self, source: "RowSource", place: Place) -> bool:
        """Return whether rows are of this history: what they name may be a revision of another one."""
        said = source.revision
        others = [each for each in self.places if each is not place] if said else []
        return not any(self._has(each, str(said)) for each in others) or self._has(place, str(said))

    def _has(self, place: Place, revision: str) -> bool:
        with suppress(HistoryError):
            return any(each.id == revision for each in self.history(place).revisions)
        return False

    def _server(self, where: Where) -> "Server":
        if where.source not in self._servers:
            self._servers[where.source] = open_server(where.source, run=self.id)
        return self._servers[where.source]

    def close(self) -> None:
        """Drop every database and end every server. Twice does no harm."""
        for walk in self._walks.values():
            walk.close()
        for server in self._servers.values():
            server.close()
        self._walks, self._servers = {}, {}
