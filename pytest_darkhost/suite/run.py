"""
What one pytest session knows: settings, the specs that it may read, keys, checks, the catalog and the broker.
"""

import os
import tempfile
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_darkhost import variables
from pytest_darkhost.errors import CredentialError
from pytest_darkhost.runner.credentials import find_credential
from pytest_darkhost.secrets import Credential, Redactor
from pytest_darkhost.specs.loader import LoadedVenue
from pytest_darkhost.suite.lasting import Lasting
from pytest_darkhost.suite.scratch import prepare_directory, temporary_directory
from pytest_darkhost.suite.settings import NO_CATALOG, Settings
from pytest_darkhost.suite.spec_files import SpecFiles

if TYPE_CHECKING:
    from pytest_darkhost.catalog.rows import Catalog
    from pytest_darkhost.checks.case import Check
    from pytest_darkhost.probes import ProbeTemplate
    from pytest_darkhost.runner.broker import Broker
    from pytest_darkhost.runner.ledger import Ledger
    from pytest_darkhost.runner.probing import VenueRun
    from pytest_darkhost.suite.replay import Replay

RUN: "pytest.StashKey[Run]" = pytest.StashKey()
_SHORTEST_KEY = 8
"""Characters; keys of venues have twenty and more."""


class Run:
    """The session's state. Opens the broker at most once; `close` ends it."""

    def __init__(
        self, config: pytest.Config, settings: Settings, *, live: bool, lasting: Lasting, shared: Mapping[str, str]
    ) -> None:
        self.config = config
        self.settings = settings
        self.live = live
        """Whether the `-m` expression asks for live calls."""
        self.id = shared.get("run_id") or str(uuid.uuid4())
        self.ledger_path = Path(shared["ledger"]) if shared.get("ledger") else None
        self._recording = shared.get("recording", "")
        self.started_at = datetime.now(UTC)
        self.broker: Broker | None = None
        self.replay: Replay | None = None
        self.ledger: Ledger | None = None
        self.lasting = lasting
        self.made: list[pytest.Item] = []
        """The items of all specs, deselected or not. Held because of the order of rounds (`lasting`)."""
        self.specs = SpecFiles(config, settings)
        self._shown: dict[Path, str] = {}

    @property
    def worker(self) -> bool:
        """Whether this process is a worker of pytest-xdist."""
        return hasattr(self.config, "workerinput")

    def credential(self, loaded: LoadedVenue) -> Credential | None:
        """Return a venue's key, or `None` where there is none that can be used."""
        try:
            return find_credential(loaded.spec, os.environ)
        except CredentialError:
            return None

    def runnable(self, loaded: LoadedVenue) -> bool:
        """Return whether live items of this venue run: it was named, or it is hosted and its key is there."""
        if loaded.path.resolve() in self.specs.explicit:
            return True
        return not loaded.spec.managed and (self.settings.plan_only or self.credential(loaded) is not None)

    @property
    def running(self) -> tuple[LoadedVenue, ...]:
        """The venues whose live items run. Raises `SpecError`."""
        return tuple(loaded for path in self.specs.wanted if self.runnable(loaded := self.specs.load(path)))

    @cached_property
    def redactor(self) -> Redactor:
        """
        Knows the keys of all specs that were read in `configure`, and of variables that other specs would read.

        Where nothing is sent, a word such as `x` or `test` is no key: CI has such ones in their place, and to take them
        out of recorded requests would change these.
        """
        names = {name for loaded in self.specs.loaded() for name in loaded.spec.credential_env}
        names |= {variables.KEY_PASSPHRASE} if self.settings.evidence else set()
        values = (os.environ.get(name, "").strip() for name in names)
        shortest = 1 if self.live else _SHORTEST_KEY
        return Redactor.of((value for value in values if len(value) >= shortest), by_shape=self.live)

    @cached_property
    def checks(self) -> "tuple[Check, ...]":
        """The standard checks, then the team's own. Raises `UsageError`."""
        from pytest_darkhost.checks.registry import STANDARD
        from pytest_darkhost.suite.own import own_checks

        return (*STANDARD, *own_checks(self.config, self.own_probes))

    @cached_property
    def own_probes(self) -> "tuple[ProbeTemplate, ...]":
        """The team's own probes. Raises `UsageError`."""
        from pytest_darkhost.suite.own import own_probes

        return own_probes(self.config)

    @cached_property
    def catalog(self) -> "Catalog | None":
        """
        The catalog that was named, `None` if the word `none` was, else the reference catalog.

        Raises `CatalogError`.
        """
        url = self.settings.catalog
        if url == NO_CATALOG:
            return None
        if url is None:
            from pytest_darkhost.catalog.reference import reference_catalog

            # Not in `.darkhost/`: these items run in any checkout, one that cannot be written included.
            with tempfile.TemporaryDirectory(prefix="darkhost-") as directory:
                return reference_catalog(Path(directory))
        from pytest_darkhost.catalog.names import parse_names
        from pytest_darkhost.catalog.reader import read_catalog

        return read_catalog(url, parse_names(self.settings.catalog_names), self.redactor.clean)

    @property
    def read_catalog(self) -> "Catalog | None":
        """The catalog, if it was read already."""
        catalog: Catalog | None = self.__dict__.get("catalog")
        return catalog

    @cached_property
    def unwritable(self) -> str | None:
        """Why `.darkhost/` in the root directory, made on first use, cannot be written; `None` where it can."""
        return prepare_directory(self.settings.directory)

    @cached_property
    def scratch(self) -> Path:
        """`.darkhost/`, else a temporary directory that is removed at the end."""
        return self.settings.directory if self.unwritable is None else temporary_directory(self.config)

    @property
    def log_directory(self) -> Path:
        """Where managed venues write their logs: a directory for each worker of pytest-xdist."""
        worker = getattr(self.config, "workerinput", {}).get("workerid")
        directory = self.scratch / worker if worker else self.scratch
        directory.mkdir(exist_ok=True)
        return directory

    @cached_property
    def reports(self) -> bool:
        """Whether anybody reads what each probe saw: a live run does, and any report does."""
        option = self.config.option
        return self.live or bool(getattr(option, "json_report", False) or getattr(option, "xmlpath", None))

    @property
    def shared_ledger(self) -> Path:
        """The file in which the workers of pytest-xdist keep one ledger."""
        return self.scratch / f"ledger-{self.id}.sqlite"

    @property
    def recording_directory(self) -> Path:
        """Where cassettes wait for the end of the run: one directory for all workers of pytest-xdist."""
        return Path(self._recording) if self._recording else self.scratch / f"recording-{self.id}"

    def venue_run(self, loaded: LoadedVenue) -> "VenueRun":
        """Return a venue with its key and the path that the adapter appends."""
        from pytest_darkhost.runner.probing import VenueRun
        from pytest_darkhost.specs.resolution import adapter_path

        path = adapter_path(loaded.spec, self.settings.adapter_paths)
        return VenueRun(loaded.spec, self.credential(loaded), path)

    def close(self) -> None:
        """End what sends and what replays, as far as there is any. Idempotent."""
        if self.broker is not None:
            self.broker.close()
        if self.replay is not None:
            self.replay.close()

    def shown(self, path: Path) -> str:
        """Return a path as messages show it: relative to the root directory where it lies below it."""
        if path not in self._shown:
            root = self.config.rootpath
            self._shown[path] = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        return self._shown[path]
