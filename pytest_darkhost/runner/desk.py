"""
What the lanes of one broker share, and what is told of them while they run.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from pytest_darkhost.probes import Probe
from pytest_darkhost.runner.ledger import Ledger
from pytest_darkhost.runner.probing import MakeAdapter
from pytest_darkhost.runner.readings import Readings
from pytest_darkhost.secrets import Redactor
from pytest_darkhost.transport.clock import LoopLag


@dataclass(slots=True)
class Desk:
    """Written by the broker's loop alone, read by anybody."""

    ledger: Ledger
    redactor: Redactor
    make_adapter: MakeAdapter
    log_directory: Path
    readings: Readings = field(default_factory=Readings)
    lag: LoopLag = field(default_factory=LoopLag)
    """The one heartbeat of the loop."""
    done: dict[str, int] = field(default_factory=dict)
    """Calls whose answers were read, by venue."""
    spent_usd: Decimal = Decimal(0)
    in_flight: dict[str, None] = field(default_factory=dict)

    def began(self, probe: Probe) -> None:
        """Note that a probe is under way."""
        self.in_flight = {**self.in_flight, probe.id: None}

    def ended(self, probe: Probe) -> None:
        """Note that a probe has answered, or failed."""
        self.in_flight = {name: None for name in self.in_flight if name != probe.id}

    def counted(self, probe: Probe, cost_usd: Decimal) -> None:
        """Note that an answer was read."""
        self.done = {**self.done, probe.venue: self.done.get(probe.venue, 0) + 1}
        self.spent_usd += cost_usd
