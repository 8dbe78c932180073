"""
What a check is, and all that it may know. A check is a pure function: no I/O, no clock, no globals.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING

from pytest_darkhost.probes import ProbeName
from pytest_darkhost.specs.models import ModelSpec, VenueSpec
from pytest_darkhost.specs.resolution import AdapterPath
from pytest_darkhost.specs.target_settings import Capability
from pytest_darkhost.verdicts import Verdict

if TYPE_CHECKING:
    from pytest_darkhost.catalog.rows import Catalog
    from pytest_darkhost.observations import Observations


class Scope(StrEnum):
    """What a check judges."""

    VENUE = "venue"
    TARGET = "target"


class Source(StrEnum):
    """What a check reads. It becomes the last part of the node id, in brackets."""

    LIVE = "live"
    """Observations of real calls."""
    REPLAY = "replay"
    """Observations from a cassette."""
    CATALOG = "catalog"
    """Spec and database only."""
    DATABASE = "database"
    """The database that was deployed to."""


@dataclass(frozen=True)
class Case:
    """All that a check may know."""

    venue: VenueSpec
    model: ModelSpec | None
    """The target's model with the venue's defaults applied; `None` for a check of the venue."""
    observations: "Observations"
    catalog: "Catalog | None"
    """`None` when the user said that there is none."""
    adapter_path: AdapterPath
    source: Source
    known_venues: frozenset[str] = frozenset()
    """Names of all spec files, for the other direction of parity."""


@dataclass(frozen=True)
class Check:
    """One named judgement. A team's own come from `pytest_darkhost_checks`."""

    name: str
    judge: Callable[[Case], Verdict]
    needs: tuple[str, ...] = ()
    """Names of the probes whose observations it reads. See `needs_of`."""
    scope: Scope = Scope.TARGET
    sources: tuple[Source, ...] = (Source.LIVE,)
    capability: Capability | None = None
    """Without this capability declared, the check is `not_applicable` and its probes are not sent."""
    quick: bool = False
    """Whether it can be judged from a cold and a warm chat alone."""
    reads_catalog: bool = False
    """Whether it reads `Case.catalog`. Others are judged without opening a database."""
    timed: bool = False
    """Whether it judges times: those of a composed cassette are nobody's."""
    of_warm: bool = False
    """Whether it judges warm chats, for which the streams stand in where the spec plans no others."""

    def needs_of(self, model: ModelSpec | None) -> tuple[str, ...]:
        """Return the names of the probes that it reads of a target; `None` is the venue itself."""
        if not self.of_warm or model is None or model.streams_are_warm:
            return self.needs
        return tuple(name for name in self.needs if name != ProbeName.STREAM)

    @property
    def item_sources(self) -> tuple[Source, ...]:
        """The sources of which each makes an item: what is judged live is judged from cassettes too."""
        pairs = ((source, Source.REPLAY) if source is Source.LIVE else (source,) for source in self.sources)
        return tuple(dict.fromkeys(chain.from_iterable(pairs)))
