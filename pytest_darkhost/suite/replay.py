"""
The replay of a session: planned from its selected items, opened when the first of them asks for observations.
"""

from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest

from pytest_darkhost.cassettes.names import cassette_path
from pytest_darkhost.cassettes.player import Player
from pytest_darkhost.cassettes.reading import open_cassette
from pytest_darkhost.checks.case import Source
from pytest_darkhost.observations import Observations
from pytest_darkhost.plan import Owner, Plan, make_plan
from pytest_darkhost.runner.probing import VenueRun
from pytest_darkhost.runner.replaying import Replayer
from pytest_darkhost.specs.models import VenueSpec
from pytest_darkhost.suite.live import needs_of
from pytest_darkhost.suite.run import Run


class Replay:
    """Replays the targets of one session."""

    def __init__(self, run: Run, items: Sequence[pytest.Item]) -> None:
        self._run = run
        self._items = items
        self._paths = {path.stem: path for path in run.specs.wanted}
        self._plan = cache(self._plan_of)
        self._venue = cache(self._venue_of)

    def observations(self, path: Path, model: str | None) -> Observations:
        """Return what the cassette of a venue, or of a target, answers. Errors as in `Replayer.observations`."""
        return self._replayer.observations(self._venue(path), model)

    def close(self) -> None:
        """End the background thread, if there is one. Idempotent."""
        replayer: Replayer | None = self.__dict__.get("_replayer")
        if replayer is not None:
            replayer.close()

    @cached_property
    def _needs(self) -> dict[Owner, frozenset[str]]:
        return needs_of(self._run, self._items, Source.REPLAY)

    def _venue_of(self, path: Path) -> VenueRun:
        return self._run.venue_run(self._run.specs.load(path))

    def _plan_of(self, venue: str) -> Plan:
        spec = self._run.specs.load(self._paths[venue]).spec
        return make_plan([spec], self._needs, nonce=self._run.id, own=self._run.own_probes)

    def _open(self, venue: VenueRun, owner: Owner) -> Player:
        path = cassette_path(self._run.settings.cassettes, owner)
        return open_cassette(path, self._run.shown(path), venue.spec, owner, run_id=self._run.id)

    @property
    def _hook(self) -> Any:
        return self._run.config.hook.pytest_darkhost_adapter

    def _adapter(self, venue: VenueSpec, http_client: Any) -> Any:
        return self._hook(venue=venue, http_client=http_client)

    @cached_property
    def _replayer(self) -> Replayer:
        # Clients for adapters are made only where somebody has one.
        make = self._adapter if self._hook.get_hookimpls() else None
        return Replayer(self._plan, self._open, redactor=self._run.redactor, make_adapter=make)
