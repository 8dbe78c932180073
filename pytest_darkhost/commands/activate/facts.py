"""
All that the gates are judged by, gathered once: nothing here is asked a second time.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pytest_darkhost.commands.activate.authorisation import Authorisation
from pytest_darkhost.commands.activate.gate import Problem
from pytest_darkhost.evidence.target_runs import Seen
from pytest_darkhost.migrations.activations.files import Draft, History

BASE = "base"
"""What is below the first revision, as Alembic's command line has it."""


@dataclass(frozen=True, slots=True)
class Row:
    """What the catalog holds of the target."""

    sha256: str
    active: bool
    location: str
    """The database, without its password."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """Revisions that could be written."""

    onto: History
    drafts: tuple[Draft, ...]
    """The activation is the last."""

    @property
    def revision(self) -> str:
        """The id of the activation."""
        return self.drafts[-1].revision

    @property
    def below(self) -> str:
        """The revision to which the activation is taken back, as a command line names it."""
        return str(self.drafts[-1].parts["a"].below)

    @property
    def since(self) -> str:
        """The revision above which all is new."""
        return self.onto.head or BASE


@dataclass(frozen=True, slots=True)
class Existing:
    """A revision of the history that activates the target."""

    revision: str
    below: str
    file: str
    is_head: bool

    @property
    def since(self) -> str:
        """The revision above which it is tried."""
        return self.below


@dataclass(frozen=True, slots=True)
class Smoke:
    """What is typed to smoke the target's venue, and to verify the evidence of it."""

    run: str
    verify: str


@dataclass(frozen=True, slots=True)
class Facts:
    """One moment of a project."""

    venue: str
    slug: str
    now: datetime
    key: str | Problem
    """The variable that holds the venue's key, or the words for a venue that wants none."""
    authorisation: Authorisation | Problem
    seen: Seen | Problem
    """What the verified evidence says of the target."""
    evidence: Path | None
    """The folder, as it is typed."""
    row: Row | Problem
    spec_sha256: str
    version: str
    """Of this package."""
    max_age_days: int
    revision: Drafted | Existing | Problem
    smoke: Smoke

    @property
    def target(self) -> str:
        """`venue/slug`."""
        return f"{self.venue}/{self.slug}"
