"""What one stand-in venue plays: its profile, its models and at most one fault."""

from dataclasses import dataclass

from support.asked import Asked, Kind, read_asked
from support.fault_kinds import default_kinds
from support.faults import Fault
from support.profile import Profile
from support.request import Request


@dataclass(frozen=True, slots=True)
class Play:
    """The settings of one stand-in venue."""

    profile: Profile
    models: tuple[str, ...]
    fault: Fault | None = None
    on: frozenset[Kind] | None = None
    """Requests that the fault spoils; `None`: the fault's own."""
    skip: int = 0
    """How many of these requests are answered well first."""
    times: int | None = None
    """How many of them are spoiled; `None`: all."""
    ms: float = 400.0
    """The time of a fault that takes time."""
    size: int = 16_000_000
    """The bytes of a huge body."""
    redirect_to: str = ""
    """Where a redirect points: a base URL."""
    delay_ms: float = 0.0
    """Before the head of each answer."""
    token_gap_ms: float = 0.0
    """Before each event of a stream but the first."""

    def asked(self, request: Request) -> Asked:
        """Return what a request asks for."""
        profile = self.profile
        paths = {"chat_path": profile.chat_path, "models_path": profile.models_path}
        return read_asked(request, models=self.models, **paths)

    def spoils(self, kind: Kind) -> bool:
        """Return whether the fault spoils requests of a kind."""
        if self.fault is None:
            return False
        return kind in (default_kinds(self.fault) if self.on is None else self.on)

    def planted(self, nth: int) -> Fault | None:
        """Return the fault for the nth (0-based) of the requests that it spoils."""
        late = self.times is not None and nth >= self.skip + self.times
        return None if nth < self.skip or late else self.fault
