"""
What one session knows of migrations before anything is run: settings, histories, what is declared and accepted.
"""

import uuid
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_darkhost.catalog.names import parse_names
from pytest_darkhost.migrations.databases.opening import database_kind
from pytest_darkhost.migrations.history import Revision
from pytest_darkhost.migrations.ini import Place
from pytest_darkhost.secrets import Redactor
from pytest_darkhost.specs.discovery import find_specs
from pytest_darkhost.suite.migrations.histories import Histories
from pytest_darkhost.suite.migrations.naming import Where, databases_of, secrets_of
from pytest_darkhost.suite.migrations.options import MigrationSettings
from pytest_darkhost.suite.settings import Settings

if TYPE_CHECKING:
    from pytest_darkhost.migrations.baseline import Accepted
    from pytest_darkhost.migrations.declarations import Declaration
    from pytest_darkhost.specs.loader import LoadedVenue

MIGRATIONS: "pytest.StashKey[MigrationRun]" = pytest.StashKey()
SHARED_ID = "darkhost_migrations_id"


class MigrationRun:
    """The session's state. What was run is in `walks`."""

    def __init__(self, config: pytest.Config, settings: Settings, own: MigrationSettings) -> None:
        """:raises UsageError: a configuration of Alembic, or the name of a database, cannot be used."""
        self.config = config
        self.settings = settings
        self.own = own
        self.names = parse_names(settings.catalog_names)
        self.histories = Histories(own.inis, config.rootpath, own.since, own.environ)
        self.kinds = {source: database_kind(source) for source in own.databases}
        self.id = getattr(config, "workerinput", {}).get(SHARED_ID) or uuid.uuid4().hex
        """Shared by all workers of pytest-xdist, which share an embedded server."""
        _ = self.baseline
        self._declarations: dict[Path, dict[str, Declaration]] = {}

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
            own = [each for each in self.histories.history(place).revisions if each.may_declare]
            self._declarations[place.ini] = self._declared(place, own) if own or self.venues else {}
        return self._declarations[place.ini]

    def _declared(self, place: Place, own: list[Revision]) -> "dict[str, Declaration]":
        """Return what is declared. Heavy imports wait until there is something to read."""
        from pytest_darkhost.migrations.declarations import declared

        return declared(self.histories.history(place), own, self.venues, self.config.rootpath)

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
